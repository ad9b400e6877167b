/** エンジンが断ったとき: 何が起きたか、どうすればよいか。 */
import type { Refusals } from '../en/refusals';

export const refusals: Refusals = {
  'invalid-input': {
    what: 'この入力は受け付けられません。',
    todo: '内容を直して、もう一度お試しください。',
  },
  'not-found': {
    what: '見つかりません。',
    todo: '名前とパスを確認してください。変更または削除された可能性があります。',
  },
  'already-exists': {
    what: 'すでに存在します。',
    todo: '別の名前や場所を選ぶか、そこにあるものを先に取り除いてください。',
  },
  'in-use': {
    what: 'ほかで使用中です。',
    todo: 'ボリュームをアンマウントするか、ほかの処理が終わるまでお待ちください。',
  },
  'no-space': {
    what: '空き容量が足りません。',
    todo: 'ボリュームを拡張するか、空き容量を増やしてください。',
  },
  conflict: {
    what: '今の状態ではできません。',
    todo: '先に必要なことは、下に書かれています。',
  },
  unsupported: {
    what: 'Cairn はこれに対応していません。',
    todo: '代わりにできることは、下に書かれています。',
  },
  missing: {
    what: '必要なプログラムがないか、古すぎます。',
    todo: 'インストールしてから、もう一度お試しください。見つかったものは「Cairn について」で確認できます。',
  },
  guest: {
    what: 'マシンが指示どおりに動きませんでした。',
    todo: 'コンソールを確認するか、マシンを再起動してください。',
  },
  timeout: {
    what: '時間がかかりすぎました。',
    todo: '少し待ってから、もう一度お試しください。',
  },
  cancelled: {
    what: 'キャンセルされました。',
    todo: '必要であれば、最初からやり直してください。',
  },
  corrupt: {
    what: 'ディスク上のデータが壊れています。',
    todo: '以前のチェックポイントに戻してください。それまでは何も削除しないでください。',
  },
  io: {
    what: '読み書きに失敗しました。',
    todo: '原因は下に書かれています。対処してから、もう一度お試しください。',
  },
  unauthorized: {
    what: 'このキーは使えません。',
    todo: '「cairn serve」が表示したキーを入力してください。',
  },
  internal: {
    what: 'Cairn 内部で問題が起きました。',
    todo: 'もう一度お試しください。繰り返す場合は、ログの「診断情報をコピー」が役に立ちます。',
  },
};

export const refused = {
  detail: 'Cairn からのメッセージ',
  both: (what: string, todo: string) => `${what}${todo}`,
};
