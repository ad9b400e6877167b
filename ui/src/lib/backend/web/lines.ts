/** Lines of text out of pieces of bytes, as a stream brings them. */
export class Lines {
  #decoder = new TextDecoder();
  #rest = '';

  constructor(private readonly told: (line: string) => void) {}

  feed(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.told(line);
  }
}
