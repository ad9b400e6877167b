/** The engine's sentences of histories: checkpoints of several volumes, merging, optimising, in Japanese. */
import type { Sentences } from '../../sentences';

export const history: Sentences = {
  'share the layer': '層を共有する',
  "make a layer's id": '層の ID を作成する',
  "make a checkpoint's id": 'チェックポイントの ID を作成する',
  'it is going back to a checkpoint': 'チェックポイントに戻しています',
  'The checkpoint was not taken, because the volume has changed meanwhile.':
    'その間にボリュームが変わったため、チェックポイントは作成されませんでした。',
  'Try again.': 'もう一度お試しください。',
  "The volume '{}' has no checkpoint yet.":
    'ボリューム「{}」にはまだチェックポイントがありません。',
  'Take a checkpoint first.': '先にチェックポイントを作成してください。',
  "The volume '{}' has no checkpoint '{checkpoint}'.":
    'ボリューム「{}」にチェックポイント「{checkpoint}」はありません。',
  'Look at the list of its checkpoints for a name or id.':
    '名前や ID はチェックポイントの一覧で確認できます。',
  "The volume '{}' has a checkpoint '{name}' already.":
    'ボリューム「{}」にはすでにチェックポイント「{name}」があります。',
  'Choose another name.': '別の名前にしてください。',
  'write the time': '時刻を書き込む',
  'nobody waits for it any more': '待っている相手がもういません',
  'compare the layers': '層を比較する',
  "open the volume's filesystem": 'ボリュームのファイルシステムを開く',
  'compare the two states of the volume': 'ボリュームの 2 つの状態を比較する',
  "make a group's id": 'グループの ID を作成する',
  'There is no volume to take a checkpoint of.':
    'チェックポイントを作成するボリュームがありません。',
  'Name volumes, or a machine that has some mounted to write.':
    'ボリュームか、ボリュームを書き込み用にマウントしているマシンを指定してください。',
  'take checkpoints of what the machine writes':
    'マシンが書き込んでいるもののチェックポイントを作成する',
  'record that checkpoints are being taken': 'チェックポイントを作成中であることを記録する',
  'The machine has ended meanwhile.': 'その間にマシンが終了しました。',
  'Different machines write these volumes, so there is no one moment for them.':
    '別々のマシンがこれらのボリュームに書き込んでいるため、同じ瞬間に揃えることができません。',
  "Take the checkpoints of each machine's volumes for themselves.":
    'マシンごとに、そのボリュームのチェックポイントを作成してください。',
  'A checkpoint was not taken, because the volume has changed meanwhile.':
    'その間にボリュームが変わったため、チェックポイントは作成されませんでした。',
  'finish checkpoints': 'チェックポイントを完了する',
  'look at a layer': '層を調べる',
  'look at a checkpoint': 'チェックポイントを調べる',
  'its layer is not in the chain': 'その層がチェーンにありません',
  'layers of deleted checkpoints are being merged': '削除したチェックポイントの層を統合しています',
  'The layers that are being merged are needed for something else.':
    '統合中の層がほかで必要になっています。',
  'look at the layers that are to be merged': '統合する層を調べる',
  'ask for free space': '空き容量を問い合わせる',
  "Merging layers takes {needed} on this computer's disk for a while.":
    '層の統合には、一時的にこのコンピュータのディスクに {needed?} 必要です。',
  'Free some space, then delete another checkpoint or open the store again.':
    '空きを増やしてから、ほかのチェックポイントを削除するか、ストアを開き直してください。',
  'merge layers': '層を統合する',
  'put the merged layer in its place': '統合した層を所定の場所に置く',
  'The layer {} is missing, whose merge was interrupted.': '統合が中断された層 {} がありません。',
  'Put it back from a backup.': 'バックアップから戻してください。',
  'name the merged layer': '統合した層に名前を付ける',
  'let the machine merge layers': 'マシンに層を統合させる',
  "The machine that writes '{}' could not merge layers: {reason}.":
    '「{}」に書き込んでいるマシンが層を統合できませんでした: {reason?}。',
  'They are merged when the volume is unmounted.': 'ボリュームをアンマウントしたときに統合します。',
  'ask the machine what it has merged': 'マシンに統合の状況を問い合わせる',
  'write the merged layer to the disk': '統合した層をディスクに書き込む',
  'put a layer back that was being merged': '統合中だった層を戻す',
  'The layers that were being merged are not in the volume.':
    '統合中だった層がボリュームにありません。',
  'look at a layer that was being merged': '統合中だった層を調べる',
  "The optimiser is switched off for the volume '{}'.":
    'ボリューム「{}」では最適化がオフになっています。',
  'Switch it on for this volume first.': '先にこのボリュームでオンにしてください。',
  'It goes on by itself later.': 'あとで自動的に続きます。',
  'Its layers are being changed.': '層を変更しています。',
  'The machine that writes the volume cannot be reached.':
    'ボリュームに書き込んでいるマシンに接続できません。',
  'Switch the optimiser on for this volume (`cairn volume chain VOLUME --optimiser on`), or delete checkpoints.':
    'このボリュームの最適化をオンにするか（`cairn volume chain VOLUME --optimiser on`）、チェックポイントを削除してください。',
  'its optimiser is switched off': '最適化がオフになっています',
  'it cannot be made shorter now: {reason}': '今は短くできません: {reason?}',
  "The chain of the volume '{name}' has {files} files, too many for a machine, and {why}":
    'ボリューム「{name}」のチェーンは {files} 個のファイルからなり、マシンには多すぎます。{why?}',
  'it has grown just now; try again': 'たった今増えました。もう一度お試しください',
  "The machine reads the volume '{}' through {files} files; it does not survive many more, so that no further checkpoint is taken while it writes.":
    'マシンはボリューム「{}」を {files} 個のファイルを通して読んでいます。これ以上は耐えられないため、書き込み中は新しいチェックポイントを作成しません。',
  'The optimiser makes the chain shorter; try again soon.':
    '最適化がチェーンを短くします。少し待ってからお試しください。',
  "A base needs {needed} on this computer's disk; {} are free.":
    'ベースにはこのコンピュータのディスクに {needed?} 必要ですが、空きは {0?} です。',
  'The volume is being read.': 'ボリュームを読み取り中です。',
  "make a base's id": 'ベースの ID を作成する',
  "Two at once make a volume's chain shorter.":
    '2 つの処理が同時にボリュームのチェーンを短くしています。',
  "copy layers into the volume's base": '層をボリュームのベースにコピーする',
  "write the volume's base": 'ボリュームのベースに書き込む',
  'libvirt has the volume; its chain gets shorter when it is unmounted.':
    'libvirt がボリュームを使用中です。アンマウントするとチェーンが短くなります。',
  'What the machine has of the volume is not clear.':
    'マシンがボリュームをどう使っているか、はっきりしません。',
  'let the machine commit layers': 'マシンに層を書き込ませる',
  "put the volume's base below the machine": 'ボリュームのベースをマシンの下に置く',
  "This computer's disk is nearly full: the base of the volume '{name}' has been dropped, which gives {} back. Nothing is lost; the volume is read more slowly until there is room for another one.":
    'このコンピュータのディスクがほぼいっぱいのため、ボリューム「{name}」のベースを破棄し、{0?} 空けました。失われたものはありません。次のベースの空きができるまで、読み取りが遅くなります。',
  "This computer's disk is nearly full.": 'このコンピュータのディスクがほぼいっぱいです。',
};
