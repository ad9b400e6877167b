//! `cairn volume chain` and `cairn volume optimise`: through how many files a volume is read.

use cairn_api::{Chain, ChainChange, OptimiserStatus};
use clap::{Args, ValueEnum};

use super::count;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;
use crate::watch::with_spinner;

/// Shows through how many files a volume is read, and switches what keeps them few.
#[derive(Args)]
#[command(after_help = "Example:\n  cairn volume chain data --optimiser off")]
pub(crate) struct Look {
    /// The volume's name or id
    volume: String,
    /// Whether Cairn keeps the chain short by itself; off gives the room back that the base takes
    #[arg(long, value_name = "on|off")]
    optimiser: Option<Switch>,
}

/// Makes the chain short now.
#[derive(Args)]
#[command(after_help = "Example:\n  cairn volume optimise data")]
pub(crate) struct Optimise {
    /// The volume's name or id
    volume: String,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// `cairn volume chain`.
pub(crate) async fn look(command: Look, context: &Context) -> Result<(), Failure> {
    let path = ["volumes", command.volume.as_str(), "chain"];
    let chain: Chain = match command.optimiser {
        None => context.api.get(&path, &[]).await?,
        Some(switch) => context.api.patch(&path, &ChainChange { optimise: switch == Switch::On }).await?,
    };
    context.out.show(&chain, show)
}

/// `cairn volume optimise`.
pub(crate) async fn optimise(command: Optimise, context: &Context) -> Result<(), Failure> {
    let nothing = serde_json::json!({});
    let path = ["volumes", command.volume.as_str(), "optimise"];
    let chain: Chain = with_spinner(context, "Copying into the base …", context.api.post(&path, &nothing)).await?;
    context.out.show(&chain, show)
}

fn show(out: &Output, chain: &Chain) -> Result<(), Failure> {
    let (files, layers) = (count(chain.files, "file"), count(chain.history, "layer"));
    out.line(&format!("The present is read through {files}; its history has {layers}."))?;
    if let Some(base) = &chain.base {
        let layers = count(base.layers, "layer");
        out.line(&format!("A base of {} stands in for {layers}.", human(base.disk_bytes)))?;
    }
    out.line(&match chain.optimiser {
        OptimiserStatus::Off => "The optimiser is off for this volume.".to_owned(),
        OptimiserStatus::Idle => "The optimiser has nothing to do.".to_owned(),
        OptimiserStatus::Waiting => {
            format!("The optimiser waits: {}", printable(chain.waiting_for.as_deref().unwrap_or_default()))
        }
        OptimiserStatus::Working => {
            format!("The optimiser has copied {} of {}.", human(chain.done_bytes), human(chain.total_bytes))
        }
    })
}
