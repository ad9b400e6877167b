/** The engine's sentences of imports, exports and transfers, in Japanese. */
import type { Sentences } from '../../sentences';

export const transfers: Sentences = {
  'Take a checkpoint, and export that; or export the files as tar.':
    'チェックポイントを作成してそれを書き出すか、ファイルを tar として書き出してください。',
  'make a folder': 'フォルダを作成する',
  'put the export in its place': '書き出したファイルを所定の場所に置く',
  'write the export': '書き出しファイルに書き込む',
  "look at the volume's layers": 'ボリュームの層を調べる',
  'read the volume': 'ボリュームを読む',
  "'{}' is no name for a file.": '「{}」はファイル名になりません。',
  'Name the file.': 'ファイル名を指定してください。',
  'There is no folder {}.': 'フォルダ {} はありません。',
  'Choose one that is there.': '存在するフォルダを選んでください。',
  '{} is a folder.': '{} はフォルダです。',
  'Name a file in it.': 'その中のファイルを指定してください。',
  'There is a file {} already.': 'ファイル {} はすでにあります。',
  'Choose another name, or say that it is to be replaced.':
    '別の名前にするか、置き換えることを指定してください。',
  'look at the free space': '空き容量を調べる',
  'The export needs up to {}, and there {} are free.':
    '書き出しには最大 {0?} 必要ですが、空きは {1?} です。',
  'Nothing was written; choose another disk, or export as tar.':
    '何も書き込んでいません。別のディスクを選ぶか、tar として書き出してください。',
  'its file': 'ファイル',
  "The import needs {}, and this computer's disk has {} free.":
    '読み込みには {0?} 必要ですが、このコンピュータのディスクの空きは {1?} です。',
  'Free some space there.': 'そこの空きを増やしてください。',
  'There is no file {} that could be imported.': '読み込めるファイル {} がありません。',
  'Give the absolute path of an image or archive on this computer.':
    'このコンピュータにあるイメージまたはアーカイブの絶対パスを指定してください。',
  'read what is to be imported': '読み込むものを読む',
  '{} is not a file, so it cannot be imported.': '{} はファイルではないため、読み込めません。',
  'Import an image or an archive; a folder is copied into a volume of its own.':
    'イメージかアーカイブを読み込んでください。フォルダは専用のボリュームにコピーします。',
  'A disk image has a size of its own, which is not {}.':
    'ディスクイメージには固有のサイズがあり、{0?} ではありません。',
  'Import it without a quota, and let the volume grow afterwards.':
    'サイズを指定せずに読み込み、あとでボリュームを拡大してください。',
  'An archive has no partitions.': 'アーカイブにパーティションはありません。',
  'Import it without naming one.': 'パーティションを指定せずに読み込んでください。',
  'it is compressed by gzip, and there is no tar archive in it':
    'gzip で圧縮されていますが、中に tar アーカイブがありません',
  "Decompress it with 'gunzip -k', and take what comes out.":
    "'gunzip -k' で展開し、出てきたものを使ってください。",
  'it is compressed by {name}, which Cairn does not read':
    '{name} で圧縮されており、Cairn では読めません',
  "Decompress it with '{tool}', and take what comes out.":
    "'{tool}' で展開し、出てきたものを使ってください。",
  'read the archive': 'アーカイブを読む',
  'a path in it leads out of where it goes, so that it was made to do harm':
    '中のパスが展開先の外を指しています。悪意を持って作られたものです',
  'Nothing of it was kept.': '何も残していません。',
  "'{}' cannot be unpacked: {why}.": '「{}」を展開できません: {why?}。',
  "The archive '{}' is damaged or not complete: {}.":
    'アーカイブ「{0}」は壊れているか、不完全です: {1?}。',
  'Nothing of it was kept; fetch the archive again.':
    '何も残していません。アーカイブを入手し直してください。',
  "it has sparse files in GNU's old format": 'GNU の古い形式のスパースファイルを含んでいます',
  "Make it anew with 'tar --format=posix -S'.": "'tar --format=posix -S' で作り直してください。",
  "a header's checksum is wrong": 'ヘッダのチェックサムが正しくありません',
  'the records about a member are too long': '項目の記録が長すぎます',
  'the records about a member make no sense': '項目の記録が正しくありません',
  'the map of a sparse file makes no sense': 'スパースファイルの配置が正しくありません',
  'a file in it is longer than it says': '中のファイルが示された長さより長いです',
  'it uses what Cairn does not read ({why})': 'Cairn では読めない形式です（{why}）',
  'Unpack it, and copy the folder into a volume.':
    '展開して、そのフォルダをボリュームにコピーしてください。',
  'LUKS, which is encrypted': '暗号化された LUKS',
  'no partitions': 'パーティションがなく',
  'no such partition': 'そのようなパーティションがなく',
  'it has {has} that is number {number}': '{has!}、番号 {number} はありません',
  "Look at it with 'fdisk -l'.": "'fdisk -l' で確認してください。",
  'it has several partitions with an ext4 filesystem: {}':
    'ext4 ファイルシステムのあるパーティションが複数あります: {}',
  'Say which one is meant, by its number.': '番号でどれかを指定してください。',
  'Make an archive of its files, and import that.':
    'ファイルをアーカイブにして、それを読み込んでください。',
  'open the imported disk': '読み込んだディスクを開く',
  'open the filesystem of the image': 'イメージのファイルシステムを開く',
  'write to the imported disk': '読み込んだディスクに書き込む',
  'check the filesystem of the image': 'イメージのファイルシステムを検査する',
  'its filesystem is damaged: {}': 'ファイルシステムが壊れています: {0?}',
  "Repair a copy of it with 'e2fsck -f', and import that.":
    "コピーを 'e2fsck -f' で修復し、それを読み込んでください。",
  'import the image': 'イメージを読み込む',
  'it was cancelled': 'キャンセルされました',
  "'{name}' cannot become a volume: {why}.": '「{name}」はボリュームにできません: {why?}。',
  'no partition of it has an ext4 filesystem: {}':
    'ext4 ファイルシステムのあるパーティションがありません: {}',
  'it holds no ext4 filesystem but {name}': 'ext4 ではなく {name?} が入っています',
  'it holds no ext4 filesystem, and nothing else that is known':
    'ext4 ファイルシステムも、ほかに認識できるものもありません',
  "Left out of '{name}', because they have no content: {left_out} devices or pipes.":
    '「{name}」のうち内容のないデバイスやパイプ {left_out} 個を除きました。',
  "'{}' is another name of '{original}' in the archive, which does not come before it.":
    '「{}」は「{original}」の別名ですが、元のものがアーカイブでそれより前にありません。',
  'Nothing of it was kept; make the archive anew.':
    '何も残していません。アーカイブを作り直してください。',
  "'{path}' is in the archive as a folder and as a file.":
    '「{path}」がアーカイブでフォルダとファイルの両方になっています。',
  'The archive is damaged or not complete: {}.': 'アーカイブは壊れているか、不完全です: {0?}。',
  'Nothing of it was kept; fetch it again.': '何も残していません。入手し直してください。',
  "'{}' is under way already.": '「{}」はすでに進行中です。',
  "There is no transfer '{id}'.": '転送「{id}」はありません。',
  'Retry it.': 'やり直してください。',
  'There is nothing to resume.': '再開するものはありません。',
  "'{}' is not paused.": '「{}」は一時停止していません。',
  'under way': '進行中',
  "'{}' is {how}, so it is not begun again.": '「{}」は{how!}のため、もう一度は始めません。',
  "'{}' has ended, so it cannot be paused.": '「{}」は終わっているため、一時停止できません。',
  "'{}' cannot be paused: QEMU converts it in one go.":
    '「{}」は QEMU が一度に変換するため、一時停止できません。',
  'Cancel it, and retry it later.': 'キャンセルして、あとでやり直してください。',
  'The transfer was cancelled.': '転送はキャンセルされました。',
  "it is another transfer's": '別の転送のものです',
  done: '完了済み',
};
