/** Every text of the UI, in Japanese. */
import type { Messages } from './en';
import { deletion, diff, group, history, restorePreview } from './ja/history';
import { look } from './ja/look';
import { machines, newMachine, snapshots, terminal } from './ja/machines';
import { mount } from './ja/mount';
import { palette, settings, shortcuts } from './ja/shell';
import { chain, policy, space } from './ja/space';
import { branch, timeline } from './ja/timeline';
import { checkpoints, count as counted, items } from './ja/words';

export const ja: Messages = {
  locale: 'ja',
  items,
  files: (count) => counted(count, 'ファイル'),
  checkpoints,
  ofTotal: (part, whole) => `${part} / ${whole}`,

  common: {
    cancel: 'キャンセル',
    clear: '消去',
    close: '閉じる',
    delete: '削除',
    dismiss: '閉じる',
    more: 'その他の操作',
    retry: 'もう一度試す',
    rename: '名前を変更',
    loading: '読み込み中…',
  },

  time: {
    now: 'たった今',
    today: '今日',
    yesterday: '昨日',
    second: (n) => `${n} 秒`,
    minute: (n) => `${n} 分`,
    hour: (n) => `${n} 時間`,
    left: (duration) => `残り ${duration}`,
    soon: 'まもなく完了',
  },

  backend: {
    cancelled: 'キャンセルされました。',
    unreachable: 'Cairn が応答しません。',
    unreachableHint: '「cairn serve」が動いているか確かめて、もう一度試してください。',
    refused: (status) => `Cairn が要求を拒否しました (HTTP ${status})。`,
    keyHint: '「cairn serve」が表示したキーを入力してください。',
    andMore: (first, more) => `${first} ほか ${more} 件`,
  },

  connect: {
    title: 'Cairn に接続',
    body: '「cairn serve」の起動時に表示されたキーを入力してください。キーはこのタブにだけ保存されます。',
    key: 'キー',
    submit: '接続',
    refused:
      'このキーは正しくありません。「cairn serve」の表示を確かめて、もう一度試してください。',
    lost: '接続が切れました。Cairn に再接続しています…',
    failedTitle: 'Cairn に接続できません',
    inUseTitle: 'ストアは使用中です',
  },

  shell: {
    light: 'ライトテーマ',
    dark: 'ダークテーマ',
    system: 'システムのテーマ',
    machines: 'マシン',
    showMachines: 'マシンを表示',
    hideMachines: 'マシンを隠す',
    about: 'Cairn について',
  },

  about: {
    title: 'Cairn について',
    tagline: 'ローカル仮想マシンのための、消えないボリューム。',
    version: 'バージョン',
    store: 'ストア',
    server: 'API サーバー',
    noServer: 'オフ',
    checks: '必要なものは揃っていますか',
    ok: '正常',
    bad: '確認が必要',
    licence: 'ライセンスは MIT または Apache-2.0 です。',
    parts: 'オープンソースの部品',
    partsBody:
      'Cairn は主に次のものから作られています。QEMU は GPL バージョン 2 の別のプログラムです。',
  },

  volumes: {
    title: 'ボリューム',
    list: 'ボリューム',
    create: '新規ボリューム',
    search: 'ボリュームを検索',
    noneFound: (text) => `「${text}」に似た名前のボリュームはありません。`,
    none: 'ボリュームはまだありません。',
    available: '未使用',
    inUse: '使用中',
    error: '確認が必要',
    usageLabel: (name) => `${name} の使用量`,
    onDisk: (size) => `ディスク上 ${size}`,
    free: (size) => `空き ${size}`,
    mountedIn: (vm) => `${vm} 内`,
    mountedMany: (count) => `${count} 台のマシンで使用中`,
    chooseTitle: 'ボリュームを選択',
    chooseBody: 'ファイルとタイムラインがここに表示されます。',
    renameHint: 'このボリュームの名前を変更',
    newName: 'ボリュームの名前',
    grow: '拡大…',
    delete: '削除…',
    deleteTitle: (name) => `「${name}」を削除しますか?`,
    deleteBody: (files, checkpoints) =>
      `${files} のファイル${
        checkpoints > 0 ? `と ${checkpoints} 個のチェックポイント` : ''
      }を含むボリュームは、Cairn のゴミ箱に移動します。`,
    deleteMounted: (vm) =>
      `${vm} がこのボリュームを使用中です。先にアンマウントすると削除できます。`,
    deleted: (name) => `「${name}」を削除しました。`,
    created: (name) => `「${name}」の準備ができました。ファイルをドロップしてください。`,
  },

  newVolume: {
    title: '新規ボリューム',
    body: 'ボリュームは、使うマシンよりも長く残るディスクです。容量はファイルが入った分だけ使います。',
    name: '名前',
    quota: 'サイズ',
    unit: '単位',
    nameHint: '名前はいつでも変更できます。',
    hint: '入れられる最大の量です。あとから拡大できます。',
    submit: 'ボリュームを作成',
    afterwards: (count) => `その後、${items(count)}をコピーします。`,
    suggestion: 'データ',
  },

  grow: {
    title: (name) => `「${name}」を拡大`,
    body: (quota) => `現在のサイズは ${quota} です。ボリュームは拡大できますが、縮小はできません。`,
    submit: '拡大',
    label: '新しいサイズ',
    done: (name, quota) => `「${name}」のサイズは ${quota} になりました。`,
  },

  panes: {
    label: 'ボリュームの表示',
    files: 'ファイル',
    timeline: 'タイムライン',
    space: '容量',
  },

  filesPane: {
    label: 'ファイル',
    path: 'フォルダのパス',
    root: '最上位フォルダ',
    up: '上のフォルダへ',
    upload: '追加',
    uploadFiles: 'ファイル…',
    uploadFolders: 'フォルダ…',
    newFolder: '新規フォルダ',
    newFolderName: '新規フォルダの名前',
    untitled: '名称未設定フォルダ',
    filter: 'このフォルダを絞り込む',
    name: '名前',
    size: 'サイズ',
    modified: '変更日',
    sortBy: (column) => `${column}で並べ替え`,
    open: '開く',
    look: 'クイックルック',
    properties: 'プロパティ',
    download: '保存先を選んでダウンロード…',
    downloadBrowser: 'ダウンロード',
    renameLabel: (name) => `${name} の新しい名前`,
    selected: (count) => `${count.toLocaleString('ja')} 件選択中`,
    clearSelection: '選択を解除',
    deleteTitle: (count, first) =>
      count === 1 ? `「${first}」を削除しますか?` : `${items(count)}を削除しますか?`,
    deleteBody: (checkpoint) =>
      checkpoint === null
        ? 'このボリュームにはまだチェックポイントがないため、元に戻せません。'
        : `「${checkpoint}」の時点にあったものは、そのチェックポイントに残ります。`,
    linkTo: (target) => `${target} へのリンク`,
    folder: 'フォルダ',
    file: 'ファイル',
    link: 'リンク',
    other: '特殊ファイル',
    emptyTitle: 'ここにファイルやフォルダをドロップ',
    emptyBody: 'このボリュームにコピーされ、マウントしたどのマシンからも使えます。',
    emptyFolderTitle: 'このフォルダは空です',
    emptyFolderBody: 'ここにファイルをドロップするか、ボタンで追加してください。',
    emptyPastTitle: 'ここには何もありませんでした',
    emptyPastBody: (name) => `「${name}」の時点で、このフォルダは空でした。`,
    noneMatch: (text) => `このフォルダに「${text}」に似た名前のものはありません。`,
    heldTitle: (vm) => `${vm} がこのボリュームに書き込み中です`,
    heldBody: (path) =>
      `${path} にマウントされています。書き込めるのは一度に一方だけです。ここでファイルを見たり変更したりするには、アンマウントしてください。`,
    heldTitleUnknown: 'このボリュームは使用中です',
    unmount: 'アンマウント',
    heldBrowse: (name) => `「${name}」の中を見る`,
    missingTitle: 'このフォルダはもうありません',
    missingBody: '名前が変更されたか、削除されました。',
    backToTop: '最上位フォルダへ',
    failedTitle: 'ファイルを一覧できません',
    total: (count, size) => `${items(count)}、ファイル ${size}`,
    past: (name, when) => `「${name}」(${when})の状態`,
    pastReadOnly: '読み取り専用',
    backToPresent: '現在に戻る',
    putBack: '元に戻す',
    putBackTitle: (count, first) =>
      count === 1 ? `「${first}」を現在に戻しますか?` : `${items(count)}を現在に戻しますか?`,
    putBackBody: (name) =>
      `「${name}」の時点にあった場所へ戻り、今その名前を持つものを置き換えます。ほかは何も変わりません。`,
  },

  drop: {
    into: (count, where) => `${items(count)}を ${where} にコピー`,
    unknownCount: (where) => `${where} にコピー`,
    past: 'チェックポイントは変更できません。ファイルを追加するには現在に戻ってください。',
    noVolume: 'これらのファイルでボリュームを作成',
    conflictTitle: (count, first) =>
      count === 1 ? `「${first}」はすでにあります` : `${items(count)}はすでにあります`,
    conflictBody: (where) =>
      `${where} にある同じ名前のものをどうしますか? 置き換える場合、フォルダは統合されます。「両方残す」では、新しい方に別の名前が付きます。`,
    replace: '置き換える',
    both: '両方残す',
    skip: 'スキップ',
  },

  transfers: {
    title: '転送',
    running: (count) => `${count.toLocaleString('ja')} 件進行中`,
    allDone: 'すべて完了',
    failed: (count) => `${count.toLocaleString('ja')} 件失敗`,
    clear: '消去',
    collapse: '一覧を隠す',
    expand: '一覧を表示',
    cancel: (title) => `${title} をキャンセル`,
    upload: '→',
    download: '←',
    counting: '数えています…',
    queued: '順番を待っています',
    cancelled: 'キャンセルしました。途中のものは残っていません。',
    done: (files, size, time) => `${files}、${size}、${time}`,
    progress: (title) => `${title} の進み具合`,
    unknownVolume: '削除されたボリューム',
  },

  machines,
  newMachine,
  terminal,
  snapshots,
  look,
  branch,
  timeline,
  diff,
  history,
  deletion,
  restorePreview,
  group,
  mount,
  space,
  chain,
  policy,
  palette,
  shortcuts,
  settings,

  toasts: { label: 'メッセージ' },

  welcome: {
    title: 'マシンより長く残るディスク',
    body: 'Cairn はローカル仮想マシンのボリュームを保管します。ファイルをドロップして入れ、過去に戻り、必要な場所にマウントできます。',
    create: '最初のボリュームを作成',
    steps: [
      { title: 'ボリュームを作成', body: '名前の付いたディスク。ファイルとともに大きくなります。' },
      { title: 'ファイルをドロップ', body: 'マシンが動いている必要はありません。' },
      { title: 'デモマシンを起動', body: '小さな Linux が約 5 秒で起動します。' },
      { title: '/data にマウント', body: 'マシンの中にファイルが現れます。' },
    ],
  },

  rules: {
    nameEmpty: '名前を入力してください。',
    nameTooLong: (bytes) => `名前は ${bytes} バイトあります。最大は 255 バイトです。`,
    nameDots: '「.」と「..」は名前に使えません。',
    nameSlash: '名前に「/」は使えません。',
    nameControl: '名前に改行などの制御文字は使えません。',
    nameId: 'Cairn の ID と同じ形式です。別の名前にしてください。',
    nameTaken: (name) => `「${name}」はすでにあります。別の名前にしてください。`,
    quotaEmpty: 'サイズを入力してください。',
    quotaNotNumber: 'サイズは数字で入力してください。例: 10',
    quotaTooSmall: (min) => `最小のサイズは ${min} です。`,
    quotaTooBig: (max) => `最大のサイズは ${max} です。`,
    quotaShrinks: (now) => `すでに ${now} あります。小さくすることはできません。`,
    imageEmpty: 'イメージを選択してください。例: /home/ada/debian-12.qcow2',
    imageRelative: 'イメージのパスは「/」で始めてください。',
    memoryNotNumber: 'メモリは数字で入力してください。例: 1',
    memoryTooSmall: (min) => `最小のメモリは ${min} です。`,
    cpusWrong: (most) => `1 から ${most} までの整数を入力してください。`,
    pathEmpty: 'パスを入力してください。例: /data',
    pathRelative: 'パスは「/」で始めてください。例: /data',
    pathRoot: '「/」にはマシン自身のファイルがあります。フォルダを選んでください。例: /data',
    pathDots: 'パスの途中に「.」や「..」は使えません。',
    pathTaken: (volume) =>
      `そこにはすでに「${volume}」がマウントされています。別のパスにしてください。`,
  },
};
