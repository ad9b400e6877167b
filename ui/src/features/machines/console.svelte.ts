/** A machine's console while it is looked at: what it prints, and what is typed, in order. */
import type { App } from '../../lib/state/app.svelte';
import { Terminal, type Row } from '../../lib/logic/terminal';

export class ConsoleLink {
  rows = $state.raw<Row[]>([]);
  /** Whether anything was printed. */
  some = $state(false);

  #app: App;
  #vm: string;
  #terminal = new Terminal();
  /** A letter may come in two pieces. */
  #decoder = new TextDecoder();
  #drawing = false;
  #typed = '';
  #typing = false;

  constructor(app: App, vm: string) {
    this.#app = app;
    this.#vm = vm;
  }

  /** Follows the console until the machine stops or `signal` says so. */
  async follow(signal: AbortSignal): Promise<void> {
    this.#terminal = new Terminal();
    this.#decoder = new TextDecoder();
    this.#draw();
    await this.#app.attempt(() =>
      this.#app.backend.vmConsoleLog(
        this.#vm,
        (bytes) => {
          this.some = true;
          this.#terminal.feed(this.#decoder.decode(bytes, { stream: true }));
          this.#draw();
        },
        signal,
      ),
    );
  }

  /** At most once a frame: a guest that starts prints faster than anybody reads. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.rows = this.#terminal.rows();
    });
  }

  text = (): string => this.#terminal.text().trimEnd();

  /** Types; what comes while something is on its way goes together, after it. */
  type(text: string): void {
    this.#typed += text;
    if (!this.#typing) void this.#send();
  }

  async #send(): Promise<void> {
    this.#typing = true;
    while (this.#typed !== '') {
      const text = this.#typed;
      this.#typed = '';
      const sent = await this.#app.attempt(() => this.#app.backend.vmConsoleKeys(this.#vm, text));
      // What was typed meanwhile was typed for a console that took it.
      if (!sent) this.#typed = '';
    }
    this.#typing = false;
  }
}
