/** Words with numbers, in Japanese: there is no plural, but there are counters. */
export const count = (number: number, counter: string) =>
  `${number.toLocaleString('ja')} ${counter}`;

export const items = (number: number) => count(number, '項目');

export const checkpoints = (number: number) =>
  `${number.toLocaleString('ja')} 個のチェックポイント`;
