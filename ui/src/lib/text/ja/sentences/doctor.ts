/** The engine's sentences of what the doctor found, in Japanese. */
import type { Sentences } from '../../sentences';

export const doctor: Sentences = {
  'Demo VM': 'デモマシン',
  'Found at {}.': '{} にあります。',
  '{root} can be written to.': '{root} に書き込めます。',
  '{root} cannot be written to: {error}.': '{root} に書き込めません: {error?}。',
  'Disk space': 'ディスクの空き',
  'Only {} free; machines pause when there is none.':
    '空きは {0?} だけです。空きがなくなるとマシンは一時停止します。',
  'Could not be asked for: {error}.': '確認できませんでした: {error?}。',
  'In use.': '使用中です。',
  'It failed and is not used until the next start. Nothing is lost; everything is a little slower.':
    '失敗したため、次の起動まで使われません。失われたものはなく、全体が少し遅くなるだけです。',
  'Machines run on the processor itself.': 'マシンはプロセッサで直接動きます。',
  'It does not run guests here. Machines are emulated: everything works, several times slower.':
    'ここではゲストを動かせません。マシンはエミュレーションで動き、すべて使えますが数倍遅くなります。',
  '{} in the store, all in order.': 'ストアに {} 個あり、すべて正常です。',
  '{} of {} cannot be used. {}': '{1} 個のうち {0} 個が使えません。{2?}',
  'It is starting.': '起動中です。',
  'It runs. What works in it, `cairn vm doctor` says.':
    '動いています。使える機能は、マシンのメニューの「使える機能」で確認できます。',
  'It runs, and its agent answers.': '動いていて、エージェントが応答しています。',
  'It is stopping.': '停止中です。',
  'It is stopped.': '停止しています。',
  'It cannot be reached.': '接続できません。',
  'Version {} at {}.': 'バージョン {0}（{1}）。',
  'QEMU runs in a container: it may find something else at {}, or nothing. Show it that folder under the same path.':
    'QEMU はコンテナの中で動いており、{} に別のものが見えるか、何も見えない可能性があります。同じパスでそのフォルダを見せてください。',
  'QEMU may open the files of volumes.': 'QEMU はボリュームのファイルを開けます。',
  'its QEMU': 'QEMU',
  'on the processor itself': 'プロセッサで直接動作',
  'libvirt answers, with QEMU {}': 'libvirt が応答しています（QEMU {}）',
  'QEMU {} answers': 'QEMU {} が応答しています',
  '{who}; the machine is a {}, {how}.': '{who?}。マシンの種類は {}（{how!}）です。',
  'ask for its slots': 'スロットを問い合わせる',
  'No volume can be mounted: {}.': 'ボリュームをマウントできません: {0?}。',
  'Unmount one first.': '先に 1 つアンマウントしてください。',
  'Give it one more, then shut it down and start it again:':
    '1 つ追加し、シャットダウンしてから起動し直してください:',
  'Start its QEMU with more:': '次を追加して QEMU を起動してください:',
  'ask for its agent': 'エージェントを問い合わせる',
  'Volumes are plugged in, and mounted by whoever types the command that Cairn shows.':
    'ボリュームは接続されますが、マウントするには Cairn が示すコマンドをゲストで入力する必要があります。',
  "Its channel to a guest's agent leads to {where_to}.":
    'ゲストエージェントへの通信路は {where_to} につながっています。',
  "It has no channel to a guest's agent.": 'ゲストエージェントへの通信路がありません。',
  "Nobody in the guest serves its agent's channel.": 'ゲストでエージェントが応答していません。',
  'Type in a Debian guest:': 'Debian のゲストでは次を入力してください:',
  'Type in the guest:': 'ゲストで次を入力してください:',
  'ask its agent': 'エージェントに問い合わせる',
  'Take {commands} out of block-rpcs in /etc/qemu/qemu-ga.conf of the guest, then type there:':
    'ゲストの /etc/qemu/qemu-ga.conf の block-rpcs から {commands?} を外し、ゲストで次を入力してください:',
  'Its agent runs programs, so volumes are mounted and unmounted by it.':
    'エージェントがプログラムを実行できるため、ボリュームのマウントとアンマウントができます。',
  'Its agent runs no programs, so it cannot mount or unmount.':
    'エージェントがプログラムを実行できないため、マウントもアンマウントもできません。',
  'guest-exec and guest-exec-status': 'guest-exec と guest-exec-status',
  'Its filesystems are frozen for checkpoints.':
    'チェックポイントのためにファイルシステムを一時停止できます。',
  'Its filesystems cannot be frozen; checkpoints are like after a power cut.':
    'ファイルシステムを一時停止できません。チェックポイントは停電の後と同じ状態になります。',
  'qemu-guest-agent {} answers.': 'qemu-guest-agent {} が応答しています。',
  'The room of what is deleted in a volume does not come back: that takes Linux {LEAST_KERNEL}.0, and the guest has {kernel}. Update it.':
    'ボリュームで削除した分の容量は戻りません。Linux {LEAST_KERNEL}.0 が必要ですが、ゲストは {kernel} です。更新してください。',
  'The room of what is deleted in a volume comes back (Linux {kernel}).':
    'ボリュームで削除した分の容量は戻ります（Linux {kernel}）。',
  'The guest does not say which kernel it has; Linux 5.0 gives deleted room back.':
    'ゲストのカーネルが分かりません。Linux 5.0 以降では削除した分の容量が戻ります。',
  'QEMU runs as user {}, who may not open the files in {}: they belong to user {}.':
    'QEMU はユーザー {0} として動いており、{1} のファイルを開けません（所有者: ユーザー {2}）。',
  'Run it as that user': 'そのユーザーとして動かしてください',
  '{} of {} slots for volumes are free.':
    'ボリューム用スロット {1} 個のうち {0} 個が空いています。',
  '{} free.': '空き {0?}。',
  Store: 'ストア',
  Index: 'インデックス',
  Machines: 'マシン',
  "Machine '{}'": 'マシン「{}」',
  Volumes: 'ボリューム',
  Files: 'ファイル',
  Slots: 'スロット',
  Agent: 'エージェント',
  Programs: 'プログラム',
  Freeze: 'ファイルシステムの一時停止',
  Discard: '削除した容量',
  emulated: 'エミュレーション',
  'Give it one, and install qemu-guest-agent in the guest:':
    '通信路を追加し、ゲストに qemu-guest-agent をインストールしてください:',
  'Start its QEMU with one, and install qemu-guest-agent in the guest:':
    '通信路を付けて QEMU を起動し、ゲストに qemu-guest-agent をインストールしてください:',
  'Run it as that user: add this to the domain (virsh edit), then shut it down and start it again:':
    'そのユーザーとして動かすには、次をドメインに追加し（virsh edit）、シャットダウンしてから起動し直してください:',
  "'{}': {}": '「{0}」: {1?}',
  'ask {whom}': '{whom?} に問い合わせる',
};
