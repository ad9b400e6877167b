/** What a component asks of the engine about a volume, kept fresh by its events for as long as the component lives. */
import { untrack } from 'svelte';
import { Answer } from './answers.svelte';
import { useApp } from './app.svelte';

/**
 * Asks; and asks anew when what `question` reads has changed. It should read ids, not volumes: a volume is another
 * object after each of its events. To be called while the component is made.
 */
export function asked<T>(question: () => { volume: string; ask: () => Promise<T> }): Answer<T> {
  const { answers } = useApp();
  const answer = new Answer<T>();
  $effect.pre(() => {
    const { volume, ask } = question();
    untrack(() => answer.open(ask));
    return answers.keep(answer, volume);
  });
  return answer;
}
