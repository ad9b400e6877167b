/** The engine's sentences of ext4 filesystems and what is wrong with them, in Japanese. */
import type { Sentences } from '../../sentences';

export const filesystems: Sentences = {
  block: 'ブロック',
  blocks: 'ブロック',
  cluster: 'クラスタ',
  clusters: 'クラスタ',
  inode: 'inode',
  inodes: 'inode',
  'unknown {set} {unknown:#x}': '未知の{set?} {unknown}',
  'blocks {start}+{count} cannot belong to a file':
    'ブロック {start}+{count} はファイルのものではありえません',
  'the block bitmap of group {group} contradicts the files':
    'グループ {group} のブロックビットマップがファイルと矛盾しています',
  'a group has no bitmap': 'ビットマップのないグループがあります',
  'the counts of free blocks contradict the bitmaps':
    '空きブロックの数がビットマップと矛盾しています',
  'no journal, so that a change could not be made safely,':
    'ジャーナルがなく安全に変更できない状態',
  'the two filesystems are not states of one and the same':
    '2 つのファイルシステムが、同じものの異なる状態ではありません',
  'the checksum of inode {number} is wrong': 'inode {number} のチェックサムが正しくありません',
  'a folder contains itself': 'フォルダがそれ自身を含んでいます',
  'the folder {number} is not in the folder above it':
    'フォルダ {number} が上のフォルダにありません',
  'the folder {} does not know the folder above it': 'フォルダ {} に上のフォルダの記録がありません',
  'a difference without sides': '比較する側のない違いがあります',
  'a directory entry cannot be': 'フォルダの項目が正しくありません',
  "a node of a folder's index cannot be": 'フォルダの索引の節が正しくありません',
  "the root of a folder's index cannot be": 'フォルダの索引の根が正しくありません',
  'the directory hash {version}': 'フォルダのハッシュ {version}',
  'an empty block of a folder has no room': 'フォルダの空のブロックに場所がありません',
  'the index of the folder {} has no room': 'フォルダ {} の索引に場所がありません',
  'a block of a folder is full of nothing': 'フォルダのブロックが空のまま埋まっています',
  "a folder's index has no root": 'フォルダの索引に根がありません',
  "the folder's index is full": 'フォルダの索引がいっぱいです',
  "a folder's index points at its own root": 'フォルダの索引がそれ自身の根を指しています',
  'the folder {} has more blocks than the filesystem':
    'フォルダ {} のブロックがファイルシステムより多いです',
  'the size of the folder {} cannot be': 'フォルダ {} のサイズが正しくありません',
  'block {logical} of the folder {} is missing': 'フォルダ {} のブロック {logical} がありません',
  'the folder {} has an entry whose name cannot be': 'フォルダ {} に名前の正しくない項目があります',
  'an entry of the folder {} cannot be': 'フォルダ {} の項目が正しくありません',
  'a node of an extent tree cannot be': 'エクステント木の節が正しくありません',
  'content inside an inode (inline_data)': 'inode 内の内容（inline_data）',
  'a block map instead of extents for a file that is to grow':
    '拡大するファイルの、エクステントではないブロックマップ',
  'the extents of inode {} overlap': 'inode {} のエクステントが重なっています',
  'an extent of inode {} cannot be': 'inode {} のエクステントが正しくありません',
  'the extent tree of inode {} is out of order':
    'inode {} のエクステント木の順序が正しくありません',
  "inode {} claims block {block}, which cannot be a file's":
    'inode {} が、ファイルのものではありえないブロック {block} を使っています',
  'an index of an extent tree is empty': 'エクステント木の索引が空です',
  'the extents of inode {} contradict each other': 'inode {} のエクステントが矛盾しています',
  'incompatible feature': '非互換機能',
  'the feature {names}': '機能 {names}',
  'read-only compatible feature': '読み取りのみ互換の機能',
  'no journal, so that a change could not be made safely': 'ジャーナルがなく安全に変更できない状態',
  'block maps instead of extents, as ext2 and ext3 do':
    'ext2 や ext3 と同じ、エクステントではないブロックマップ',
  'directory entries without a type (no filetype)': '種類のないフォルダ項目（no filetype）',
  'the filesystem uses the feature {name}, with which this engine does not let it grow':
    'ファイルシステムの機能 {name} のため、拡大できません',
  'the size of inode {} cannot be': 'inode {} のサイズが正しくありません',
  'a filesystem can have from 4 MiB to 16 TiB': 'ファイルシステムのサイズは 4 MiB〜16 TiB です',
  'a label may have at most 16 bytes': 'ラベルは 16 バイトまでです',
  'the device has no room for the tables of its block groups':
    'ディスクにブロックグループの表を置く場所がありません',
  'the descriptor of group {group} cannot be': 'グループ {group} の記述子が正しくありません',
  'the resize inode cannot be': 'サイズ変更用の inode が正しくありません',
  'inode {} is longer than a block map': 'inode {} がブロックマップより長いです',
  'the block map of inode {} cannot be': 'inode {} のブロックマップが正しくありません',
  'the block map of inode {} has no end': 'inode {} のブロックマップが終わりません',
  'a block map names blocks beyond the largest file':
    'ブロックマップが最大のファイルを越えるブロックを指しています',
  'the content inside inode {} cannot be': 'inode {} の中の内容が正しくありません',
  'the counts of free inodes contradict the bitmaps':
    '空き inode の数がビットマップと矛盾しています',
  'an entry points at the reserved inode {number}':
    '項目が予約された inode {number} を指しています',
  'an entry points at inode {number}, which is free': '項目が空きの inode {number} を指しています',
  'inode {number} was never used': 'inode {number} は使われたことがありません',
  'an inode does not fit its table': 'inode が表に収まりません',
  'there is no inode {number}': 'inode {number} はありません',
  'the journal has holes': 'ジャーナルに欠けた部分があります',
  'the journal ends too early': 'ジャーナルが途中で終わっています',
  'the journal starts before its first block': 'ジャーナルが最初のブロックより前から始まっています',
  'the journal changes a block outside the filesystem':
    'ジャーナルがファイルシステムの外のブロックを変更しています',
  "the journal's copy of block {number} is damaged":
    'ジャーナルにあるブロック {number} の写しが壊れています',
  'the journal has no copy': 'ジャーナルに写しがありません',
  'a journal that was replayed in memory cannot be written to':
    'メモリ上で再生したジャーナルには書き込めません',
  'the journal has no superblock': 'ジャーナルにスーパーブロックがありません',
  'a journal of version 1': 'バージョン 1 のジャーナル',
  'fast commits (fast_commit) that have to be replayed': '再生が必要な高速コミット（fast_commit）',
  'the journal feature {unknown:#x}': 'ジャーナルの機能 {unknown:#x}',
  'the journal has a kind of checksum that cannot be':
    'ジャーナルのチェックサムの種類が正しくありません',
  "the checksum of the journal's superblock is wrong":
    'ジャーナルのスーパーブロックのチェックサムが正しくありません',
  "the journal's superblock cannot be": 'ジャーナルのスーパーブロックが正しくありません',
  "the superblock's {what} cannot be": 'スーパーブロックの {what!} が正しくありません',
  'it has {} blocks of {size} bytes, the device has only {device_len} bytes':
    '{size} バイトのブロックが {} 個ありますが、ディスクは {device_len} バイトしかありません',
  'number of group descriptors': 'グループ記述子の数',
  'a block size of 2^{log} KiB cannot be': '2^{log} KiB のブロックサイズはありえません',
  "the superblock's cluster size cannot be": 'スーパーブロックのクラスタサイズが正しくありません',
  "the superblock's number of blocks cannot be": 'スーパーブロックのブロック数が正しくありません',
  "the superblock's number of groups cannot be": 'スーパーブロックのグループ数が正しくありません',
  'the journal has to be replayed, but there is none':
    'ジャーナルの再生が必要ですが、ジャーナルがありません',
  'the journal belongs to another filesystem': 'ジャーナルが別のファイルシステムのものです',
  'a journal on another device': '別のディスクにあるジャーナル',
  'a part of the group descriptors lies outside the filesystem':
    'グループ記述子の一部がファイルシステムの外にあります',
  "the checksum of group {group}'s descriptor is wrong":
    'グループ {group} の記述子のチェックサムが正しくありません',
  'inode {number} cannot be an orphan': 'inode {number} は孤児ではありえません',
  'the orphan file cannot be': '孤児の一覧のファイルが正しくありません',
  'inode {} is of no known kind': 'inode {} の種類が分かりません',
  'a link has no target': 'リンク先のないリンクがあります',
  'the target of link {} cannot be': 'リンク {} のリンク先が正しくありません',
  'the folders have more blocks than the filesystem':
    'フォルダのブロックがファイルシステムより多いです',
  'a folder can be reached in two ways': 'フォルダに 2 通りの経路があります',
  'the folders above form a circle': '上のフォルダが循環しています',
  'a folder does not know its parent': 'フォルダに上のフォルダの記録がありません',
  'the checksum of block {block} is wrong': 'ブロック {block} のチェックサムが正しくありません',
  'block {block} lies outside the filesystem': 'ブロック {block} がファイルシステムの外にあります',
  'there is no block group {group}': 'ブロックグループ {group} はありません',
  "the superblock's checksum is wrong": 'スーパーブロックのチェックサムが正しくありません',
  'the device is too small for a superblock': 'ディスクがスーパーブロックには小さすぎます',
  'a checksum other than crc32c': 'crc32c 以外のチェックサム',
  'block {block} is not part of the transaction':
    'ブロック {block} はこのトランザクションのものではありません',
  'its attributes cannot be: {why}': '属性が正しくありません: {why?}',
  'its block of attributes has no valid header': '属性ブロックのヘッダが正しくありません',
  'its block of attributes cannot be: {why}': '属性ブロックが正しくありません: {why?}',
  'the block of attributes {block} says that {says} files share it, in truth {found} do':
    '属性ブロック {block} を共有するファイルは {says} 個とされていますが、実際は {found} 個です',
  'an entry does not end': '項目が終わっていません',
  'an entry is of no kind of attribute': '項目が属性の種類に当てはまりません',
  'a value is said to stand in an inode of its own': '値が専用の inode にあるとされています',
  'the hash of an entry is wrong': '項目のハッシュが正しくありません',
  'a value lies over the header': '値がヘッダに重なっています',
  'a value lies outside': '値が範囲の外にあります',
  'two values overlap, or one lies over the entries': '値が重なっているか、項目に重なっています',
  'the superblock says that {says} {what} are free, in truth {found} are':
    'スーパーブロックでは空きの{what!}が {says} とされていますが、実際は {found} です',
  'the group says that {says} {} are free, in truth {free} are':
    'グループでは空きの {} が {says} とされていますが、実際は {free} です',
  'inodes are free': '空き inode',
  'inodes are folders': 'フォルダの inode',
  'the group says that {says} {what}, in truth {found} are':
    'グループの{what!}は {says} とされていますが、実際は {found} です',
  'the group says that its inodes were never used, but some are':
    'グループの inode は未使用とされていますが、使われているものがあります',
  'the bitmap says that {what} {at} is free, but it is in use ({missing} such)':
    'ビットマップでは{what!} {at} が空きとされていますが、使用中です（{missing} 件）',
  'the bitmap says that {what} {at} is in use, but nothing uses it ({leaked} such)':
    'ビットマップでは{what!} {at} が使用中とされていますが、使われていません（{leaked} 件）',
  'it claims blocks {start}+{count}, which lie outside the filesystem':
    'ファイルシステムの外のブロック {start}+{count} を使っています',
  "is one of the filesystem's own tables": 'ファイルシステム自身の表です',
  'belongs to something else already': 'すでに別のもののものです',
  'it claims block {taken}, which {owner}': 'ブロック {taken} を使っていますが、それは{owner!}',
  'a node of its extent tree says that it has little room':
    'エクステント木の節の容量が少なすぎます',
  'a node of its extent tree starts elsewhere than the node above it says':
    'エクステント木の節の始まりが、上の節の記録と違います',
  'its extents are out of order or overlap': 'エクステントの順序が正しくないか、重なっています',
  'a part of the folder was never written': 'フォルダの一部が書き込まれていません',
  "the folder's first entry is not . for itself": 'フォルダの最初の項目が「.」ではありません',
  "the folder's second entry is not .. for its parent":
    'フォルダの 2 番目の項目が「..」ではありません',
  'the name {} stands twice': '名前 {} が 2 回あります',
  'the folder has the name {}, which cannot be a name':
    'フォルダに名前として正しくない {} があります',
  'the name {} points at inode {}, which it cannot':
    '名前 {} が、ありえない inode {} を指しています',
  'the name {} points at inode {}, which is free': '名前 {} が空きの inode {} を指しています',
  'the name {} is the second one of a folder': '名前 {} がフォルダの 2 つ目の名前です',
  'the name {} says the wrong kind': '名前 {} の種類が正しくありません',
  'the name {} stands where the index does not look for it':
    '名前 {} が、索引の示さない場所にあります',
  "the folder's index has the hash version {}, which cannot be":
    'フォルダの索引のハッシュのバージョン {} はありえません',
  "the folder's index has a flag that nobody knows": 'フォルダの索引に未知の印があります',
  "the folder's index leaves some of its blocks out":
    'フォルダの索引に含まれないブロックがあります',
  "the hashes in the folder's index are out of order":
    'フォルダの索引のハッシュの順序が正しくありません',
  "the folder's index names block {child} twice, or has no such block":
    'フォルダの索引がブロック {child} を 2 回指しているか、そのブロックがありません',
  'the root is not a folder': '最上位がフォルダではありません',
  "the inode's checksum is wrong": 'inode のチェックサムが正しくありません',
  'it has no names, but was never deleted': '名前がありませんが、削除されていません',
  'it is in use, but says when it was deleted': '使用中ですが、削除日時があります',
  'no kind of file has the mode {:#o}': 'モード {:#o} のファイルの種類はありません',
  'the mode of this reserved inode cannot be': '予約された inode のモードが正しくありません',
  'its i_extra_isize of {extra} cannot be': 'i_extra_isize の値 {extra} が正しくありません',
  'something that has no content has a size': '内容のないものにサイズがあります',
  'a field that has to be 0 is not': '0 であるべき欄が 0 ではありません',
  "the folder's size of {size} bytes is not that of its blocks":
    'フォルダのサイズ {size} バイトがブロックと一致しません',
  'its size of {size} bytes does not fit its blocks':
    'サイズ {size} バイトがブロックと一致しません',
  'it says that it takes {says} sectors, in truth it takes {found}':
    'セクタ数は {says} とされていますが、実際は {found} です',
  "the length of the link's target is wrong": 'リンク先の長さが正しくありません',
  'it has a flag of AFS (imagic)': 'AFS の印（imagic）があります',
  'it has extents in a filesystem without them':
    'エクステントのないファイルシステムにエクステントがあります',
  'something that has no content has extents or an index':
    '内容のないものにエクステントか索引があります',
  'something that is not a folder has an index': 'フォルダでないものに索引があります',
  'the folder has an index in a filesystem without them':
    '索引のないファイルシステムのフォルダに索引があります',
  'its content is said to stand in the inode, in a filesystem without such':
    '対応していないファイルシステムで、内容が inode にあるとされています',
  'something that has no content is said to have it in the inode':
    '内容のないものの内容が inode にあるとされています',
  'it is said to hold a value of an attribute, in a filesystem without such':
    '対応していないファイルシステムで、属性の値を持つとされています',
  'something that is not a file is said to hold a value of an attribute':
    'ファイルでないものが属性の値を持つとされています',
  'its content is said to stand in the inode and in extents':
    '内容が inode とエクステントの両方にあるとされています',
  'something that is not a folder compares names without regard to case':
    'フォルダでないものが、大文字と小文字を区別しない設定になっています',
  'its content is said to stand in the inode, which has no attribute for the end of it':
    '内容が inode にあるとされていますが、続きの属性がありません',
  'its size of {size} bytes does not fit the {room} bytes inside the inode':
    'サイズ {size} バイトが inode 内の {room} バイトに収まりません',
  'the folder says that inode {up} is its parent': 'フォルダの上が inode {up} とされています',
  'the block {block} of the multiple mount protection cannot be its own':
    '多重マウント保護のブロック {block} が正しくありません',
  'the block of the multiple mount protection is none': '多重マウント保護のブロックではありません',
  'the checksum of the block of the multiple mount protection is wrong':
    '多重マウント保護のブロックのチェックサムが正しくありません',
  'a check of the filesystem is under way, or was interrupted':
    'ファイルシステムの検査が進行中か、中断されています',
  'the filesystem is in use on some computer, or was not unmounted':
    'ファイルシステムがほかのコンピュータで使用中か、アンマウントされていません',
  'the sequence number of the multiple mount protection cannot be':
    '多重マウント保護の番号が正しくありません',
  'its revision is newer than any that there is': '改訂番号が存在するものより新しいです',
  'it reserves more than half of the blocks': '半分を超えるブロックが予約されています',
  'its clusters are of another size than its blocks, and it has no feature for that':
    '対応する機能がないのに、クラスタとブロックのサイズが違います',
  'its groups have another number of clusters than of blocks, and it has no feature for that':
    '対応する機能がないのに、グループのクラスタ数とブロック数が違います',
  'more groups than there can be are to lie together': 'ありえない数のグループがまとめられています',
  'it names a file of orphans, and has no feature for that':
    '対応する機能がないのに、孤児のファイルが指定されています',
  'it names files of quotas, and has no feature for that':
    '対応する機能がないのに、クォータのファイルが指定されています',
  "it names a file of projects' quotas, and has no feature for that":
    '対応する機能がないのに、プロジェクトクォータのファイルが指定されています',
  'it names a journal on another device beside the one that it has':
    'すでにあるジャーナルのほかに、別のディスクのジャーナルが指定されています',
  "the checksum of the group's descriptor is wrong":
    'グループ記述子のチェックサムが正しくありません',
  'the filesystem is marked as having errors': 'ファイルシステムにエラーの印が付いています',
  'the filesystem was not unmounted, and has no journal':
    'ファイルシステムがアンマウントされておらず、ジャーナルもありません',
  'the superblock counts more free blocks than there are blocks':
    'スーパーブロックの空きブロック数が全体より多いです',
  'the copy of the superblock is of another filesystem':
    'スーパーブロックの写しが別のファイルシステムのものです',
  'the copy of the superblock is of another size': 'スーパーブロックの写しのサイズが違います',
  'the copy of the superblock is damaged': 'スーパーブロックの写しが壊れています',
  'the superblock names a journal, in a filesystem that has none':
    'ジャーナルのないファイルシステムで、スーパーブロックがジャーナルを指しています',
  'the journal has a feature that nobody knows': 'ジャーナルに未知の機能があります',
  'the journal notes that something went wrong': 'ジャーナルにエラーの記録があります',
  'the journal says that several filesystems use it':
    'ジャーナルが複数のファイルシステムで使われているとされています',
  'the list of half-deleted files leads to inode {next}, which cannot be in it':
    '削除途中のファイルの一覧に、ありえない inode {next} があります',
  'it is in the list of half-deleted files, but is free':
    '削除途中のファイルの一覧にありますが、空きです',
  'it is half deleted; that is finished when the filesystem is next opened for writing':
    '削除の途中です。次に書き込み用に開いたときに完了します',
  "the folder's .. points at inode {up}, but it lies in the folder {parent}":
    'フォルダの「..」が inode {up} を指していますが、実際はフォルダ {parent} にあります',
  'the folder cannot be reached from the root': '最上位からたどれないフォルダがあります',
  'it holds a value of an attribute, and has a name': '属性の値を持つものに名前があります',
  'it is in use and has no name': '使用中ですが、名前がありません',
  'it says that it has {links} names, in truth it has {expected}':
    '名前の数は {links} とされていますが、実際は {expected} です',
  'a value of its attributes is said to be in inode {}': '属性の値が inode {} にあるとされています',
  'inode {} does not hold the value of its attribute': 'inode {} に属性の値がありません',
  'the hash of an attribute is not that of its value': '属性のハッシュが値と一致しません',
  'it holds a value that belongs to no attribute': 'どの属性のものでもない値があります',
  'it says that {says} attributes have its value, in truth {found} have':
    'この値を持つ属性は {says} 個とされていますが、実際は {found} 個です',
  'the value that it holds is longer than it can be': '値が上限より長いです',
  'the checksum of the value that it holds is wrong': '値のチェックサムが正しくありません',
  'a write ended in a panic': '書き込みが異常終了しました',
  'the attributes of inode {} cannot be': 'inode {} の属性が正しくありません',
  'an extended attribute cannot be': '拡張属性が正しくありません',
  'the access control list of inode {} cannot be':
    'inode {} のアクセス制御リストが正しくありません',
  'inode {number} does not hold an attribute of inode {}':
    'inode {number} に inode {} の属性がありません',
  'attributes in inodes of their own (ea_inode)': '専用の inode にある属性（ea_inode）',
  'this is not an access control list': 'アクセス制御リストではありません',
  'the name of an attribute may not contain a NUL byte': '属性の名前に NUL バイトは使えません',
  "this attribute is the filesystem's own": 'この属性はファイルシステム自身のものです',
  'what is of this kind cannot have such an attribute':
    'この種類のものには、その属性を付けられません',
  'two of its tables lie over each other at block {start}':
    '2 つの表がブロック {start} で重なっています',
};
