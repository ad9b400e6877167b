/** What many texts need: numbers with their words. */
export const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const items = (count: number) => plural(count, 'item', 'items');

export const checkpoints = (count: number) => plural(count, 'checkpoint', 'checkpoints');
