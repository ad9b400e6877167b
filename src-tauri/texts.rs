//! What the shell itself says, in the languages of the window: its menus, the tray, the titles of file dialogs.
//!
//! The window tells which language it speaks; until then it is the system's.

use std::sync::{PoisonError, RwLock};

/// A language that the shell speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
    Japanese,
}

impl Language {
    /// The language with this code; regions and encodings behind it (`de_AT.UTF-8`) are not looked at.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        match code.split(['_', '-', '.', '@']).next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            "ja" => Some(Self::Japanese),
            _ => None,
        }
    }

    /// The system's language, as the environment tells it, else English.
    fn of_system() -> Self {
        let told = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        told.filter(|code| !code.is_empty()).find_map(|code| Self::parse(&code)).unwrap_or(Self::English)
    }

    /// The menu bar's texts.
    pub(crate) fn menu(self) -> &'static MenuTexts {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
            Self::Japanese => &JAPANESE,
        }
    }

    /// One of the tray's short texts.
    pub(crate) fn tray(self) -> &'static TrayTexts {
        match self {
            Self::English => &TRAY_ENGLISH,
            Self::German => &TRAY_GERMAN,
            Self::Japanese => &TRAY_JAPANESE,
        }
    }

    /// How many volumes there are, how many of them are mounted, and what runs.
    pub(crate) fn status(self, volumes: usize, mounted: usize, running: &[&str]) -> String {
        match self {
            Self::English => {
                let runs = match running {
                    [] => "no machine is running".to_owned(),
                    [one] => format!("{one} is running"),
                    several => format!("{} machines are running", several.len()),
                };
                format!("{volumes} {}, {mounted} mounted; {runs}", if volumes == 1 { "volume" } else { "volumes" })
            }
            Self::German => {
                let runs = match running {
                    [] => "keine Maschine läuft".to_owned(),
                    [one] => format!("{one} läuft"),
                    several => format!("{} Maschinen laufen", several.len()),
                };
                format!("{volumes} {}, {mounted} eingehängt; {runs}", if volumes == 1 { "Volume" } else { "Volumes" })
            }
            Self::Japanese => {
                let runs = match running {
                    [] => "動いているマシンはありません".to_owned(),
                    [one] => format!("{one} が実行中"),
                    several => format!("{} 台のマシンが実行中", several.len()),
                };
                format!("ボリューム {volumes} 個、マウント中 {mounted} 個、{runs}")
            }
        }
    }

    /// What unmounts a volume.
    pub(crate) fn unmount(self, vm: &str, path: &str) -> String {
        match self {
            Self::English => format!("Unmount from {vm} ({path})"),
            Self::German => format!("Aus {vm} aushängen ({path})"),
            Self::Japanese => format!("{vm} ({path}) からアンマウント"),
        }
    }

    /// What mounts a volume.
    pub(crate) fn mount(self, vm: &str, path: &str) -> String {
        match self {
            Self::English => format!("Mount in {vm} at {path}"),
            Self::German => format!("In {vm} unter {path} einhängen"),
            Self::Japanese => format!("{vm} の {path} にマウント"),
        }
    }

    /// How many volumes are not in the menu.
    pub(crate) fn more(self, count: usize) -> String {
        match self {
            Self::English => format!("{count} more in the window"),
            Self::German => format!("{count} weitere im Fenster"),
            Self::Japanese => format!("ほか {count} 個はウインドウに表示"),
        }
    }

    /// What shows a volume as it was.
    pub(crate) fn look_at(self, checkpoint: &str) -> String {
        match self {
            Self::English => format!("Look at '{checkpoint}'"),
            Self::German => format!("„{checkpoint}“ ansehen"),
            Self::Japanese => format!("「{checkpoint}」を表示"),
        }
    }

    /// How many transfers are under way.
    pub(crate) fn transfers(self, count: usize) -> String {
        match self {
            Self::English => format!("{count} {} under way", if count == 1 { "transfer" } else { "transfers" }),
            Self::German => format!("{count} {} unterwegs", if count == 1 { "Übertragung" } else { "Übertragungen" }),
            Self::Japanese => format!("転送 {count} 件進行中"),
        }
    }

    /// How far a transfer is.
    pub(crate) fn transfer(self, title: &str, paused: bool, percent: u64) -> String {
        match (self, paused) {
            (_, false) => format!("{title} ({percent} %)"),
            (Self::English, true) => format!("{title} (paused)"),
            (Self::German, true) => format!("{title} (angehalten)"),
            (Self::Japanese, true) => format!("{title}（一時停止中）"),
        }
    }

    /// That a transfer has ended, well or not.
    pub(crate) fn transfer_ended(self, title: &str, done: bool) -> String {
        match (self, done) {
            (Self::English, true) => format!("{title} is copied"),
            (Self::English, false) => format!("{title} was not copied"),
            (Self::German, true) => format!("{title} ist kopiert"),
            (Self::German, false) => format!("{title} wurde nicht kopiert"),
            (Self::Japanese, true) => format!("{title} をコピーしました"),
            (Self::Japanese, false) => format!("{title} をコピーできませんでした"),
        }
    }

    /// What is told of why a transfer has failed, below that it has: the engine's sentence is English.
    pub(crate) fn why(self, error: &str) -> String {
        match self {
            Self::English => error.to_owned(),
            Self::German => "Woran es lag, steht im Fenster.".to_owned(),
            Self::Japanese => "理由はウィンドウに表示されています。".to_owned(),
        }
    }

    /// That a checkpoint was taken.
    pub(crate) fn taken(self, name: &str) -> String {
        match self {
            Self::English => format!("The checkpoint '{name}' was taken."),
            Self::German => format!("Der Checkpoint „{name}“ ist aufgenommen."),
            Self::Japanese => format!("チェックポイント「{name}」を作成しました。"),
        }
    }
}

/// The language that is spoken now.
#[derive(Debug)]
pub(crate) struct Speech(RwLock<Language>);

impl Default for Speech {
    fn default() -> Self {
        Self(RwLock::new(Language::of_system()))
    }
}

impl Speech {
    /// The language that is spoken now.
    pub(crate) fn language(&self) -> Language {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Speaks another language from now on; answers whether it is another.
    pub(crate) fn speak(&self, language: Language) -> bool {
        let mut spoken = self.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *spoken, language) != language
    }
}

/// The menu bar, and file dialogs. `&` stands before the letter that chooses an item.
#[derive(Debug)]
pub(crate) struct MenuTexts {
    pub(crate) file: &'static str,
    pub(crate) new_volume: &'static str,
    pub(crate) import: &'static str,
    pub(crate) quit: &'static str,
    pub(crate) edit: &'static str,
    pub(crate) cut: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) paste: &'static str,
    pub(crate) select_all: &'static str,
    pub(crate) settings: &'static str,
    pub(crate) view: &'static str,
    pub(crate) commands: &'static str,
    pub(crate) reload: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) volume: &'static str,
    pub(crate) checkpoint: &'static str,
    pub(crate) help: &'static str,
    pub(crate) documentation: &'static str,
    pub(crate) shortcuts: &'static str,
    pub(crate) tour: &'static str,
    pub(crate) log: &'static str,
    pub(crate) licences: &'static str,
    pub(crate) about: &'static str,
    pub(crate) import_files: &'static str,
    pub(crate) import_folders: &'static str,
    pub(crate) choose_image: &'static str,
    pub(crate) choose_import: &'static str,
    pub(crate) choose_watch: &'static str,
    pub(crate) imports: &'static str,
    pub(crate) export_to: &'static str,
    pub(crate) images: &'static str,
    pub(crate) all_files: &'static str,
    pub(crate) download_to: &'static str,
}

/// The tray's menu.
#[derive(Debug)]
pub(crate) struct TrayTexts {
    pub(crate) opening: &'static str,
    pub(crate) open: &'static str,
    pub(crate) quit: &'static str,
    pub(crate) nothing_runs: &'static str,
    pub(crate) checkpoint: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) resume: &'static str,
}

static ENGLISH: MenuTexts = MenuTexts {
    file: "&File",
    new_volume: "&New Volume…",
    import: "&Import Files…",
    quit: "&Quit Cairn",
    edit: "&Edit",
    cut: "Cu&t",
    copy: "&Copy",
    paste: "&Paste",
    select_all: "Select &All",
    settings: "&Settings…",
    view: "&View",
    commands: "&Commands…",
    reload: "&Reload",
    theme: "Change &Theme",
    volume: "V&olume",
    checkpoint: "&Checkpoint Now",
    help: "&Help",
    documentation: "&Documentation",
    shortcuts: "&Keyboard Shortcuts",
    tour: "A &Short Tour",
    log: "Lo&g…",
    licences: "&Licences",
    about: "&About Cairn",
    import_files: "Import files",
    import_folders: "Import folders",
    choose_image: "Choose an image",
    choose_import: "Choose an image or an archive",
    choose_watch: "Keep a folder in step",
    imports: "Images and archives",
    export_to: "Export to",
    images: "Images",
    all_files: "All files",
    download_to: "Download to",
};

static GERMAN: MenuTexts = MenuTexts {
    file: "&Datei",
    new_volume: "&Neues Volume …",
    import: "Dateien &importieren …",
    quit: "Cairn &beenden",
    edit: "&Bearbeiten",
    cut: "&Ausschneiden",
    copy: "&Kopieren",
    paste: "&Einfügen",
    select_all: "A&lles auswählen",
    settings: "Ein&stellungen …",
    view: "&Ansicht",
    commands: "&Befehle …",
    reload: "&Neu laden",
    theme: "&Design wechseln",
    volume: "V&olume",
    checkpoint: "&Checkpoint jetzt",
    help: "&Hilfe",
    documentation: "&Dokumentation",
    shortcuts: "&Tastenkürzel",
    tour: "&Rundgang",
    log: "&Protokoll …",
    licences: "&Lizenzen",
    about: "Ü&ber Cairn",
    import_files: "Dateien importieren",
    import_folders: "Ordner importieren",
    choose_image: "Abbild wählen",
    choose_import: "Abbild oder Archiv wählen",
    choose_watch: "Ordner abgleichen",
    imports: "Abbilder und Archive",
    export_to: "Exportieren nach",
    images: "Abbilder",
    all_files: "Alle Dateien",
    download_to: "Herunterladen nach",
};

static JAPANESE: MenuTexts = MenuTexts {
    file: "ファイル(&F)",
    new_volume: "新規ボリューム(&N)…",
    import: "ファイルを読み込む(&I)…",
    quit: "Cairn を終了(&Q)",
    edit: "編集(&E)",
    cut: "切り取り(&T)",
    copy: "コピー(&C)",
    paste: "貼り付け(&P)",
    select_all: "すべて選択(&A)",
    settings: "設定(&S)…",
    view: "表示(&V)",
    commands: "コマンド(&C)…",
    reload: "再読み込み(&R)",
    theme: "テーマを切り替える(&T)",
    volume: "ボリューム(&O)",
    checkpoint: "今すぐチェックポイント(&C)",
    help: "ヘルプ(&H)",
    documentation: "ドキュメント(&D)",
    shortcuts: "キーボードショートカット(&K)",
    tour: "ツアー(&S)",
    log: "ログ(&G)…",
    licences: "ライセンス(&L)",
    about: "Cairn について(&A)",
    import_files: "ファイルを読み込む",
    import_folders: "フォルダを読み込む",
    choose_image: "イメージを選択",
    choose_import: "イメージまたはアーカイブを選択",
    choose_watch: "フォルダーを同期",
    imports: "イメージとアーカイブ",
    export_to: "書き出し先",
    images: "イメージ",
    all_files: "すべてのファイル",
    download_to: "ダウンロード先",
};

static TRAY_ENGLISH: TrayTexts = TrayTexts {
    opening: "The store is being opened",
    open: "Open Cairn",
    quit: "Quit",
    nothing_runs: "No machine is running",
    checkpoint: "Checkpoint now",
    pause: "Pause all",
    resume: "Resume all",
};

static TRAY_GERMAN: TrayTexts = TrayTexts {
    opening: "Der Speicher wird geöffnet",
    open: "Cairn öffnen",
    quit: "Beenden",
    nothing_runs: "Keine Maschine läuft",
    checkpoint: "Checkpoint jetzt",
    pause: "Alle anhalten",
    resume: "Alle fortsetzen",
};

static TRAY_JAPANESE: TrayTexts = TrayTexts {
    opening: "ストアを開いています",
    open: "Cairn を開く",
    quit: "終了",
    nothing_runs: "動いているマシンはありません",
    checkpoint: "今すぐチェックポイント",
    pause: "すべて一時停止",
    resume: "すべて再開",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_code_whatever_follows() {
        assert_eq!(Language::parse("de_AT.UTF-8"), Some(Language::German));
        assert_eq!(Language::parse("ja"), Some(Language::Japanese));
        assert_eq!(Language::parse("en-GB"), Some(Language::English));
        assert_eq!(Language::parse("C.UTF-8"), None);
        assert_eq!(Language::parse(""), None);
    }
}
