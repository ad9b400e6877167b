/** Was viele Texte brauchen: Zahlen mit ihren Wörtern. */
export const plural = (count: number, one: string, many: string) =>
  `${count.toLocaleString('de')} ${count === 1 ? one : many}`;

export const items = (count: number) => plural(count, 'Objekt', 'Objekte');

export const checkpoints = (count: number) => plural(count, 'Checkpoint', 'Checkpoints');
