import { type Document, LineCounter, parseAllDocuments, type Tags } from 'yaml';
import { BengalError } from '../../runtime/error.ts';
import { asResource, strayField } from '../as-resource.ts';
import type { Resource } from '../datastore.ts';
import { isObject } from '../resources/schema.ts';

/** An object of a file and where it stands: `nodes.yaml:12:1`. */
export interface Placed {
  readonly resource: Resource;
  readonly place: string;
  /** What is odd about it without being wrong. */
  readonly remark: BengalError | undefined;
}

/**
 * Reads the objects of a YAML or JSON file as Kubernetes does: several documents, `kind: List` and the like,
 * YAML 1.1 booleans, but no base-60 numbers and no dates. Throws a BengalError at the first fault:
 * half a file is never taken.
 */
export function readDocuments(name: string, text: string): readonly Placed[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    schema: 'yaml-1.1',
    version: '1.1',
    customTags: kubernetesTags,
    uniqueKeys: true,
  });
  if ('empty' in documents) return [];
  return documents.flatMap((document) => {
    const { line, col } = lines.linePos(document.contents?.range?.[0] ?? document.range[0]);
    const place = `${name}:${line}:${col}`;
    const content = contentOf(document, name, place);
    return content === undefined || content === null ? [] : objectsOf(content, place);
  });
}

/** Base-60 numbers, dates and binary data stay the text that they are. */
const kubernetesTags = (tags: Tags): Tags =>
  tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      !(
        ('format' in tag && tag.format === 'TIME') ||
        tag.tag === 'tag:yaml.org,2002:timestamp' ||
        tag.tag === 'tag:yaml.org,2002:binary'
      ),
  );

function contentOf(document: Document.Parsed, name: string, place: string): unknown {
  const [error] = document.errors;
  if (error !== undefined) {
    const at = error.linePos?.[0];
    const where = at === undefined ? place : `${name}:${at.line}:${at.col}`;
    const [message = ''] = error.message.split(/ at line \d/);
    throw malformed(where, message, error);
  }
  try {
    return document.toJS();
  } catch (cause) {
    throw malformed(place, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function objectsOf(content: unknown, place: string): readonly Placed[] {
  if (isObject(content) && /List$/.test(String(content['kind'])) && Array.isArray(content['items']))
    return content['items'].flatMap((item) => objectsOf(item, place));
  const taken = asResource(content);
  if ('fault' in taken) throw malformed(place, `the object ${taken.fault}`, undefined);
  return [{ resource: taken.resource, place, remark: remarkOn(content, place) }];
}

function remarkOn(content: unknown, where: string): BengalError | undefined {
  const stray = strayField(content);
  if (stray === undefined) return undefined;
  const cure = stray.meant === undefined ? 'Remove it' : `Write ${stray.meant}`;
  const message = `there is no field ${stray.name}; it is ignored`;
  return new BengalError('unknown-field', message, { where, cure });
}

const malformed = (where: string, message: string, cause: unknown): BengalError =>
  new BengalError('malformed-file', message, { where, cure: 'Correct the file', cause });
