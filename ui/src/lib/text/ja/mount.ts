/** Japanese texts of the dialog that mounts a volume. */
import type { Messages } from '../en';

export const mount: Messages['mount'] = {
  title: 'ボリュームをマウント',
  titleFor: (volume) => `「${volume}」をマウント`,
  action: 'マウント…',
  volume: 'ボリューム',
  machine: 'マシン',
  noMachine: '動いているマシンがありません。デモマシンを起動してからマウントします。',
  path: 'マシン内のパス',
  pathHint: 'なければ作成されます。',
  mode: 'アクセス',
  rw: '読み書き',
  ro: '読み取り専用',
  rwHint: 'マシンはファイルを変更できます。その間、ほかからは書き込めません。',
  roHint: 'マシンはファイルを見ることができますが、変更はできません。',
  roPastHint: 'マシンは当時のファイルを見られます。何台のマシンでも同時に見られます。',
  rwPastTitle: '新しいボリュームが分かれます',
  rwPastHint: (name) =>
    `チェックポイントは変わりません。マシンには、その内容から始まる専用のボリューム「${name}」が渡されます。何か書き込むまで容量は使いません。`,
  // The engine's own words: it names the volume.
  branchName: (volume, checkpoint) => `${volume} from ${checkpoint}`,
  what: '状態',
  present: '現在',
  submit: 'マウント',
  startAndMount: '起動してマウント',
  done: (volume, vm, path) => `「${volume}」を ${vm} の ${path} にマウントしました。`,
};
