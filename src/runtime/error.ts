/**
 * Base of every error that a person may read: what is wrong, where, and what to do about it.
 * `where` names the object and field; `cure` is one imperative sentence.
 */
export class BengalError extends Error {
  override readonly name: string = 'BengalError';
  /** Stable identifier, lower case with dashes. */
  readonly code: string;
  readonly where: string | undefined;
  readonly cure: string | undefined;

  constructor(
    code: string,
    message: string,
    details: { where?: string; cure?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.where = details.where;
    this.cure = details.cure;
  }

  /** One line for a terminal: `where: message (cure)`. */
  describe(): string {
    const place = this.where === undefined ? '' : `${this.where}: `;
    const cure = this.cure === undefined ? '' : ` (${this.cure})`;
    return `${place}${this.message}${cure}`;
  }
}
