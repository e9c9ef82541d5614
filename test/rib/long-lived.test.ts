import { describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/policy/compile.ts';
import { ACCEPT, World } from './support.ts';

const FOUR = 'ipv4-unicast';
const [P, Q] = ['10.1.0.0/16', '10.2.0.0/16'];
const LLGR_STALE = 0xffff0006;
const NO_LLGR = 0xffff0007;

/** Two peers, of whom the second knows long-lived stale routes. */
function world() {
  const all = new World();
  const a = all.peer('a');
  const plain = all.peer('plain');
  const knowing = all.peer('knowing', { longLived: true });
  return { all, a, plain, knowing };
}

/** The peer is gone and its restart time is over. */
function leave({ all, a }: Pick<ReturnType<typeof world>, 'all' | 'a'>): void {
  a.rib.down([FOUR]);
  all.settle();
  a.rib.keepLongLived(FOUR);
  all.settle();
}

const NO_EXPORT = 0xffffff01;

describe('in a partial deployment (RFC 9494 §4.6)', () => {
  const partial = { settings: { longLivedPartialDeployment: true } };

  function deployed() {
    const all = new World();
    const w = {
      ...{ all, a: all.peer('a'), plain: all.peer('plain', partial) },
      knowing: all.peer('knowing', { longLived: true, ...partial }),
      outside: all.peer('outside', { kind: 'ebgp', asn: 65001, ...partial }),
    };
    w.a.announce([P], { communities: [64512], localPref: 900 });
    all.settle();
    return w;
  }

  test('internal peers get stale routes as the last resort, external ones do not', () => {
    const w = deployed();
    expect(w.plain.table.get(P)).toMatchObject({ localPref: 900, communities: [64512] });
    expect(w.outside.held).toEqual([P]);
    leave(w);
    expect(w.plain.table.get(P)).toMatchObject({
      localPref: 0,
      communities: [64512, LLGR_STALE, NO_EXPORT],
      originatorId: w.a.session.remoteId,
    });
    expect(w.outside.held).toEqual([]);
  });

  test('those who know them need no NO_EXPORT, but the same preference', () => {
    const w = deployed();
    leave(w);
    expect(w.knowing.table.get(P)).toMatchObject({
      localPref: 0,
      communities: [64512, LLGR_STALE],
    });
  });

  test('a policy that sends something else changes nothing of it', () => {
    const w = deployed();
    const set = { localPref: 700, removeCommunity: ['*:*'] };
    // biome-ignore lint/suspicious/noThenProperty: the word of the configuration
    const rules = [{ match: {}, set, then: 'accept' as const }];
    const exportPolicy = compilePolicy(['x'], { x: rules }, 'accept', {
      kind: 'ibgp',
      ownNextHop: undefined,
      defaultMetric: 1024,
    });
    w.plain.rib.configure({ ...w.plain.rib.settings, exportPolicy });
    leave(w);
    expect(w.plain.table.get(P)).toMatchObject({ localPref: 0, communities: [NO_EXPORT] });
  });

  test('routes that came stale, and with NO_EXPORT, go on as such', () => {
    const w = deployed();
    w.a.announce([Q], { communities: [NO_EXPORT, LLGR_STALE] });
    w.all.settle();
    expect(w.plain.table.get(Q)).toMatchObject({
      localPref: 0,
      communities: [NO_EXPORT, LLGR_STALE],
    });
  });

  test('fresh routes are what they were', () => {
    const w = deployed();
    leave(w);
    w.a.rib.up(w.a.session);
    w.a.announce([P], { communities: [64512], localPref: 900 });
    w.all.settle();
    expect(w.plain.table.get(P)).toMatchObject({ localPref: 900, communities: [64512] });
    expect(w.outside.held).toEqual([P]);
  });

  test('turning it off withdraws them', () => {
    const w = deployed();
    leave(w);
    w.plain.rib.configure({ ...w.plain.rib.settings, longLivedPartialDeployment: false });
    w.all.settle();
    expect(w.plain.held).toEqual([]);
  });
});

describe('long-lived stale routes', () => {
  test('carry LLGR_STALE to those who know it, and are withdrawn from the others', () => {
    const w = world();
    w.a.announce([P], { communities: [64512] });
    w.all.settle();
    leave(w);
    expect(w.knowing.table.get(P)?.communities).toEqual([64512, LLGR_STALE]);
    expect(w.plain.held).toEqual([]);
    expect(w.all.best()).toEqual([`${P} a`]);
    expect(w.a.rib.counts(FOUR)).toMatchObject({ received: 1, stale: 1 });
  });

  test('are the last resort, whatever speaks for them', () => {
    const w = world();
    w.a.announce([P], { localPref: 900 });
    w.plain.announce([P], { localPref: 1 });
    w.all.settle();
    expect(w.all.best()).toEqual([`${P} a`]);
    leave(w);
    expect(w.all.best()).toEqual([`${P} plain`]);
  });

  test('go where NO_LLGR says so', () => {
    const w = world();
    w.a.announce([P], { communities: [NO_LLGR] });
    w.a.announce([Q]);
    w.all.settle();
    leave(w);
    expect(w.all.best()).toEqual([`${Q} a`]);
  });

  test('keep LLGR_STALE, and are judged again as such, when a policy changes', () => {
    const w = world();
    w.a.announce([P]);
    w.all.settle();
    leave(w);
    w.a.rib.configure({ ...w.a.rib.settings, importPolicy: { ...ACCEPT, key: 'accepts as well' } });
    w.all.settle();
    expect(w.knowing.table.get(P)?.communities).toEqual([LLGR_STALE]);
    expect(w.plain.held).toEqual([]);
  });

  test('are fresh again when the peer announces them again', () => {
    const w = world();
    w.a.announce([P, Q]);
    w.all.settle();
    leave(w);
    w.a.rib.up(w.a.session);
    w.a.announce([P]);
    w.all.settle();
    expect(w.knowing.table.get(P)?.communities).toEqual([]);
    expect(w.plain.held).toEqual([P]);
    w.a.rib.sweepStale([FOUR]);
    w.all.settle();
    expect(w.all.best()).toEqual([`${P} a`]);
    expect(w.all.rib.records.count).toBe(1);
  });

  test('that came with LLGR_STALE keep it', () => {
    const w = world();
    w.a.announce([P], { communities: [LLGR_STALE] });
    w.all.settle();
    expect(w.plain.held).toEqual([]);
    leave(w);
    expect(w.knowing.table.get(P)?.communities).toEqual([LLGR_STALE]);
  });
});
