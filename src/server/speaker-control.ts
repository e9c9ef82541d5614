import type { Agent } from '../agent/agent.ts';
import type { Peer } from '../speaker/peer.ts';
import { stateName } from '../speaker/report-peer.ts';
import type { Speaker } from '../speaker/speaker.ts';
import type { ClearMode, Outcome, SpeakerControl } from './control.ts';

/** The control of a speaker that runs in this process. */
export function speakerControl(speaker: Speaker, agent?: Agent): SpeakerControl {
  return {
    clear: (name, how, text) => {
      const peer = speaker.peers.find((each) => each.name === name);
      return peer === undefined
        ? { refused: `peer ${name} has just left the configuration` }
        : clear(peer, how, text);
    },
    drain: (wait, text = '') => {
      if (speaker.drainStage !== 'off') return { refused: 'it is being drained already' };
      speaker.drain(wait, text);
      return { done: `peers are told for ${wait} s that the routes go away` };
    },
    cancelDrain: () => {
      if (speaker.cancelDrain()) return { done: 'the routes are announced as before' };
      return speaker.drainStage === 'drained'
        ? { refused: 'every session has ended already; start the daemon anew' }
        : { refused: 'it is not being drained' };
    },
    acceptDeletions: () => acceptDeletions(agent),
  };
}

function acceptDeletions(agent: Agent | undefined): Outcome {
  const outcome = agent?.acceptDeletions() ?? { accepted: [] };
  if ('refused' in outcome) {
    const { refused } = outcome;
    return { refused: `${refused}; what is deleted cannot be told from what is not seen` };
  }
  const { accepted } = outcome;
  if (accepted.length === 0) return { done: 'nothing is held back' };
  return { done: `${accepted.length} objects count as deleted now`, objects: accepted };
}

function clear(peer: Peer, how: ClearMode, text: string | undefined): Outcome {
  const { name, negotiated } = peer;
  if (how === 'hard') {
    peer.clear(text);
    return { done: `${name}: the session begins anew` };
  }
  if (negotiated === undefined) {
    const state = stateName(peer);
    return {
      refused: `${name} is ${state}, not Established: there are no routes to ${WORDS[how]}`,
    };
  }
  const families = negotiated.families.join(', ');
  if (how === 'out') {
    peer.sendAgain();
    return { done: `${name}: our routes are sent once more (${families})` };
  }
  if (peer.askAgain(negotiated.families)) {
    return { done: `${name}: asked for its routes once more (${families})` };
  }
  return {
    refused: `${name} cannot be asked: it has no route refresh (RFC 2918); clear it without --soft`,
  };
}

const WORDS = { in: 'ask for', out: 'send once more' } as const;
