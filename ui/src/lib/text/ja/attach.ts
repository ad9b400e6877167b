/** ほかで起動されたマシンと、マシンにドラッグするボリュームの文言。 */
import type { Messages } from '../en';

export const attach: Messages['attach'] = {
  action: '実行中のマシンを接続…',
  title: 'マシンを接続',
  body: 'ほかで起動された QEMU にもボリュームをマウントできます。Cairn がそのマシンを起動・終了することはありません。',
  found: 'このコンピューターで実行中',
  looking: '探しています…',
  again: 'もう一度探す',
  nothing: 'このコンピューターでは QEMU が動いていません。',
  unnamed: (pid) => (pid === null ? 'QEMU' : `QEMU ${pid}`),
  pid: (pid) => `プロセス ${pid}`,
  known: (name) => `ここでは「${name}」です。`,
  choose: '選択',
  chooseLabel: (name) => `${name} を選択`,
  libvirt: 'libvirt',
  byLibvirt: (domain, uri) => `${uri} のドメイン「${domain}」(libvirt 経由)`,
  bySocket: '代わりにソケットを入力',
  socket: 'QMP ソケット',
  socketHint: 'QEMU のオプション: -qmp unix:パス,server=on,wait=off',
  socketEmpty: 'マシンを選ぶか、QMP ソケットのパスを入力してください。',
  socketRelative: 'ソケットのパスは「/」で始めてください。',
  agent: 'ゲストエージェントのソケット',
  agentHint: '空のままにすると QEMU の設定に従います',
  name: 'ここでのマシンの名前',
  suggestion: 'マシン',
  submit: '接続',
  done: (name) => `「${name}」を接続しました。`,
  attached: (socket) => `接続先: ${socket}`,
  somebodyElses: 'ほかで起動されたマシン',
  detach: '切り離す',
  detached: (name) => `「${name}」を切り離しました。マシンは動き続けます。`,
  doctor: '使える機能',
  doctorTitle: (name) => `「${name}」で使える機能`,
  doctorBody: 'Cairn がマシンに必要とするものと、足りない場合の対処です。',
  paste: 'コピー',
  pasted: 'コピーしました。',
};

export const volumeDrag: Messages['volumeDrag'] = {
  over: (volume, vm) => `${volume} を ${vm} にマウント`,
  none: (volume) => `${volume} を実行中のマシンにドロップするとマウントします`,
};
