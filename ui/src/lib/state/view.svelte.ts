/** What the window shows besides data: the pane, the panel, the dialog that is open. */
import type { Checkpoint, Conflict, FileEntry, Volume } from '../api/types';
import type { Incoming } from '../backend/backend';
import { remember, remembered } from './remember';

/** Whether the machines have a column of their own; the same width stands in `Workspace.svelte`. */
const hasRoom = () => window.matchMedia('(min-width: 1001px)').matches;

export type Pane = 'files' | 'timeline' | 'space';

/** A question that has to be answered before something happens. */
export interface Question {
  title: string;
  body: string;
  /** What the engine says about it, in its own language. */
  detail?: string | null;
  /** What the button says that does it. */
  action: string;
  danger?: boolean;
  /** Other ways to go on. */
  other?: string;
  both?: string;
}
export type Answer = 'action' | 'other' | 'both' | null;

/** What is to become of an archive that was dropped; `null` when the person thought better of it. */
export type Unpacking = { conflict: Conflict } | 'file' | null;

export type Dialog =
  | { kind: 'new-volume'; incoming: Incoming | null }
  | { kind: 'trash' }
  | { kind: 'fetch'; volume: Volume; path: string }
  | { kind: 'import'; source: string | File | null }
  | { kind: 'watch'; volume: Volume; path: string }
  | { kind: 'unpack'; name: string; place: string; answer: (answer: Unpacking) => void }
  | { kind: 'export'; volume: Volume; checkpoint: Checkpoint | null }
  | { kind: 'grow'; volume: Volume }
  | { kind: 'branch'; volume: Volume; checkpoint: Checkpoint | null }
  | { kind: 'mount'; volumeId: string | null; vmId: string | null; checkpointId: string | null }
  | { kind: 'question'; question: Question; answer: (answer: Answer) => void }
  | { kind: 'restore'; checkpoint: Checkpoint }
  | { kind: 'delete-checkpoint'; volumeId: string; checkpoint: { id: string; name: string } }
  | { kind: 'prune'; volume: Volume }
  | { kind: 'history'; volumeId: string; path: string }
  | { kind: 'policy'; volume: Volume }
  | { kind: 'group'; volumeIds: string[] }
  | { kind: 'new-machine'; snapshotId: string | null }
  | { kind: 'attach' }
  | { kind: 'vm-doctor'; vmId: string }
  | { kind: 'console'; vmId: string }
  | { kind: 'snapshots' }
  | { kind: 'take-snapshot'; vmId: string }
  | { kind: 'look'; entry: FileEntry }
  | { kind: 'palette' }
  | { kind: 'settings' }
  | { kind: 'shortcuts' }
  | { kind: 'log' }
  | { kind: 'tour' }
  | { kind: 'about' };

export class View {
  pane = $state<Pane>('files');
  /** Open at first where there is room beside the files; the choice there is remembered. */
  machinesOpen = $state(hasRoom() && remembered('machines') !== 'closed');
  dialog = $state.raw<Dialog | null>(null);

  /** Grows whenever the name of a new checkpoint is asked for: its field takes the focus. */
  naming = $state(0);

  /** Shows the timeline, ready to name a new checkpoint. */
  nameCheckpoint(): void {
    this.pane = 'timeline';
    this.naming += 1;
  }

  toggleMachines(): void {
    this.machinesOpen = !this.machinesOpen;
    if (hasRoom()) remember('machines', this.machinesOpen ? null : 'closed');
  }

  close(): void {
    const open = this.dialog;
    this.dialog = null;
    if (open?.kind === 'question' || open?.kind === 'unpack') open.answer(null);
  }

  /** Asks, and waits for the answer; `null` when the person thought better of it. */
  ask(question: Question): Promise<Answer> {
    this.close();
    return new Promise((resolve) => {
      const answer = (given: Answer) => {
        this.dialog = null;
        resolve(given);
      };
      this.dialog = { kind: 'question', question, answer };
    });
  }

  /** Asks whether what is in an archive is wanted, or the file. */
  askUnpack(name: string, place: string): Promise<Unpacking> {
    this.close();
    return new Promise((resolve) => {
      const answer = (given: Unpacking) => {
        this.dialog = null;
        resolve(given);
      };
      this.dialog = { kind: 'unpack', name, place, answer };
    });
  }

  /** Whether a dangerous thing may be done. */
  async confirm(question: Question): Promise<boolean> {
    return (await this.ask(question)) === 'action';
  }
}
