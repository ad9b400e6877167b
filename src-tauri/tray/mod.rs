//! The tray icon and its menu: how things stand, and mounting, unmounting, checkpoints and transfers with the
//! window closed.
//!
//! The menu is made anew after engine events, and only when what it says has changed. On Linux the icon is a
//! StatusNotifierItem: it emits no clicks, so everything is an item of the menu.

mod plan;

use std::collections::BTreeMap;
use std::time::Duration;

use cairn_engine::{Engine, IoLimits, MountMode, MountRequest, NoticeLevel, Transfer, TransferState};
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::Notify;

use self::plan::{Action, Entry, Facts, Plan};
use crate::link::{self, Opening};
use crate::refusal::Answer;
use crate::shell::Shell;
use crate::texts::{Language, Speech};
use crate::{events, window};

pub(crate) use self::plan::tenths;

const ID: &str = "cairn";

/// Events come in bursts; the menu is made once for all that arrive within this time.
const BURST: Duration = Duration::from_millis(150);

/// Wakes the task that keeps the menu true.
#[derive(Debug, Default)]
pub(crate) struct Tray {
    stale: Notify,
}

impl Tray {
    /// Has the menu looked at again soon.
    pub(crate) fn refresh(&self) {
        self.stale.notify_one();
    }
}

/// Puts the icon into the tray. Its menu follows when the store is open.
///
/// # Errors
/// When the toolkit refuses; the program works without a tray.
pub(crate) fn build<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    TrayIconBuilder::with_id(ID)
        .icon(Image::from_bytes(include_bytes!("../../icons/tray.png"))?)
        .tooltip("Cairn")
        .menu(&menu(app, &Plan::saying(app.state::<Speech>().language().tray().opening))?)
        .build(app)?;
    Ok(())
}

/// Keeps the menu true until the program ends.
pub(crate) async fn keep<R: Runtime>(app: AppHandle<R>) {
    let mut shown = Plan::default();
    loop {
        let plan = plan(&app.state::<Shell>(), app.state::<Speech>().language()).await;
        if plan != shown {
            shown = plan.clone();
            let handle = app.clone();
            let told = app.run_on_main_thread(move || show(&handle, &plan));
            if told.is_err() {
                return;
            }
        }
        app.state::<Tray>().stale.notified().await;
        tokio::time::sleep(BURST).await;
    }
}

/// Does what a person chose in the tray's menu; `false` when the item is not the tray's.
pub(crate) fn chosen<R: Runtime>(app: &AppHandle<R>, id: &str) -> bool {
    let Some(action) = Action::parse(id) else { return false };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(refusal) = run(&app, action).await {
            // Nobody looks at a hidden window.
            window::show(&app);
            events::notice(&app, NoticeLevel::Error, refusal.sentence());
        }
    });
    true
}

async fn run<R: Runtime>(app: &AppHandle<R>, action: Action) -> Answer<()> {
    let shell = app.state::<Shell>();
    match action {
        Action::Open => window::show(app),
        Action::Quit => window::quit(app.clone()).await,
        Action::Mount { volume, vm, path } => {
            let limits = IoLimits::default();
            let mode = MountMode::Rw;
            let request = MountRequest { volume, vm, mount_path: path, mode, at: None, options: None, limits };
            shell.engine().await?.mount(request).await?;
        }
        Action::Unmount { vm, path } => shell.engine().await?.unmount(&vm, &path).await?,
        Action::Checkpoint { volume } => checkpoint(app, shell.engine().await?, &volume).await?,
        Action::Look { volume, checkpoint } => link::open(app, Opening { volume, checkpoint: Some(checkpoint) }),
        Action::Pause => {
            let engine = shell.engine().await?;
            for transfer in engine.transfer_list().into_iter().filter(|transfer| transfer.can_pause) {
                // One that has ended in the meantime needs no rest.
                let _ = engine.transfer_pause(transfer.id.as_str());
            }
        }
        Action::Resume => {
            let engine = shell.engine().await?;
            let paused = |transfer: &Transfer| transfer.state == TransferState::Paused;
            for transfer in engine.transfer_list().into_iter().filter(paused) {
                let _ = engine.transfer_resume(transfer.id.as_str()).await;
            }
        }
    }
    Ok(())
}

async fn checkpoint<R: Runtime>(app: &AppHandle<R>, engine: &Engine, volume: &str) -> Answer<()> {
    let taken = engine.checkpoint_create(volume, None).await?;
    events::notice(app, NoticeLevel::Info, app.state::<Speech>().language().taken(&taken.name));
    Ok(())
}

async fn plan(shell: &Shell, language: Language) -> Plan {
    let engine = match shell.engine().await {
        Ok(engine) => engine,
        Err(refusal) => return Plan::saying(refusal.sentence()),
    };
    match facts(engine).await {
        Ok(facts) => Plan::new(facts, language),
        Err(error) => Plan::saying(error.message()),
    }
}

async fn facts(engine: &Engine) -> cairn_engine::Result<Facts> {
    let (mut volumes, vms) = (engine.volume_list().await?, engine.vm_list().await?);
    plan::in_order(&mut volumes);
    let mut checkpoints = BTreeMap::new();
    for volume in volumes.iter().take(plan::VOLUMES_SHOWN).filter(|volume| volume.checkpoint_count > 0) {
        // One that was deleted in the meantime has none.
        checkpoints.insert(volume.id.clone(), engine.checkpoint_list(volume.id.as_str()).await.unwrap_or_default());
    }
    Ok(Facts { volumes, vms, checkpoints, transfers: engine.transfer_list() })
}

fn show<R: Runtime>(app: &AppHandle<R>, plan: &Plan) {
    let Some(icon) = app.tray_by_id(ID) else { return };
    if let Err(error) = menu(app, plan).and_then(|menu| icon.set_menu(Some(menu))) {
        tracing::warn!(%error, "the tray's menu could not be shown");
    }
}

fn menu<R: Runtime>(app: &AppHandle<R>, plan: &Plan) -> tauri::Result<Menu<R>> {
    let language = app.state::<Speech>().language();
    let menu = Menu::new(app)?;
    menu.append(&says(app, &plan.status)?)?;
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    for entry in &plan.entries {
        menu.append(&submenu(app, entry)?)?;
    }
    if plan.more > 0 {
        menu.append(&item(app, &language.more(plan.more), &Action::Open)?)?;
    }
    if let Some(transfers) = &plan.transfers {
        menu.append(&PredefinedMenuItem::separator(app)?)?;
        menu.append(&submenu(app, transfers)?)?;
    }
    if !plan.entries.is_empty() || plan.transfers.is_some() {
        menu.append(&PredefinedMenuItem::separator(app)?)?;
    }
    menu.append(&item(app, language.tray().open, &Action::Open)?)?;
    menu.append(&item(app, language.tray().quit, &Action::Quit)?)?;
    Ok(menu)
}

fn submenu<R: Runtime>(app: &AppHandle<R>, entry: &Entry) -> tauri::Result<Submenu<R>> {
    let submenu = Submenu::new(app, literal(&entry.label), true)?;
    for line in &entry.lines {
        match &line.action {
            Some(action) => submenu.append(&item(app, &line.label, action)?)?,
            None => submenu.append(&says(app, &line.label)?)?,
        }
    }
    Ok(submenu)
}

fn item<R: Runtime>(app: &AppHandle<R>, label: &str, action: &Action) -> tauri::Result<MenuItem<R>> {
    MenuItem::with_id(app, action.to_string(), literal(label), true, None::<&str>)
}

fn says<R: Runtime>(app: &AppHandle<R>, text: &str) -> tauri::Result<MenuItem<R>> {
    MenuItem::new(app, literal(text), false, None::<&str>)
}

/// The text as it is: a single `&` would underline the letter after it.
fn literal(text: &str) -> String {
    text.replace('&', "&&")
}
