//! Reaching the guest's agent: whether somebody listens, whether somebody else talks to it, running programs.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::pace::Pace;
use super::task::Owner;
use crate::agent::{Agent, ExecOutput, QUICK, SYNC, no_answer};
use crate::disk::Serial;
use crate::error::{Error, ErrorKind, Result};
use crate::guest_script;
use crate::mount_path::MountPath;

/// A client that went away may be seen by QEMU a moment later.
const OTHER_CLIENT_LEAVES: Duration = Duration::from_secs(3);
/// So long the agent's port is taken to be open still.
const SEEN: Duration = Duration::from_millis(200);
/// The pause before the `nth` look at a program that runs in the guest: short at first, so that what ends soon, as
/// mounting does, is seen soon; each look takes a guest without KVM some milliseconds, which that program does not have.
pub(super) fn pause(nth: usize) -> Duration {
    Duration::from_millis(match nth {
        0 => 5,
        1..20 => 4,
        20..60 => 15,
        60..100 => 40,
        _ => 80,
    })
}

/// Whoever reaches the guest's agent.
pub(super) trait ThroughAgent: Send {
    /// Has the agent do something.
    ///
    /// # Errors
    /// `NoAgent`, `Halted`, `Timeout`, `NotRunning`, or `Refused` with the agent's reason.
    fn ask_agent(
        &mut self,
        command: &str,
        arguments: Value,
        within: Duration,
    ) -> impl Future<Output = Result<Value>> + Send;

    /// Starts a program in the guest and answers its process id there.
    ///
    /// # Errors
    /// As for [`ask_agent`](Self::ask_agent).
    fn start(&mut self, argv: &[String], stdin: Option<&[u8]>) -> impl Future<Output = Result<i64>> + Send;

    /// What a started program left behind, or `None` while it runs.
    ///
    /// # Errors
    /// As for [`ask_agent`](Self::ask_agent).
    fn outcome(&mut self, pid: i64) -> impl Future<Output = Result<Option<ExecOutput>>> + Send;

    /// Unmounts the disk at `path` without a script, if that can be done; nothing is certain when the answer is `false`.
    ///
    /// # Errors
    /// As for [`run_script`](Self::run_script).
    fn unmount_quickly(
        &mut self,
        _serial: &Serial,
        _path: &MountPath,
        _within: Duration,
    ) -> impl Future<Output = Result<bool>> + Send {
        std::future::ready(Ok(false))
    }

    /// Remembers what the script that mounts has told of the disk.
    fn remember(&mut self, _serial: &Serial, _mounted: &ExecOutput) {}

    /// Runs a short program in the guest to its end. The queue waits meanwhile.
    ///
    /// # Errors
    /// As for [`ask_agent`](Self::ask_agent). An exit code other than 0 is none.
    fn run_script(
        &mut self,
        what: &str,
        argv: &[String],
        within: Duration,
    ) -> impl Future<Output = Result<ExecOutput>> + Send {
        async move {
            let pid = self.start(argv, None).await.map_err(|error| error.within(what))?;
            self.finish(what, pid, within).await
        }
    }

    /// Has the guest write back what it holds of the filesystems at `paths`, so that a freeze that follows is short. That it
    /// cannot does no harm.
    ///
    /// Twice: the first takes long when there is much, and is looked at seldom then; what has come in until it was seen to
    /// have ended would be left for the moment that counts.
    fn write_back(&mut self, paths: &[&MountPath], within: Duration) -> impl Future<Output = ()> + Send {
        let script = guest_script::write_back(paths);
        async move {
            let work = async {
                for _ in 0..2 {
                    self.run_script("could not write back in the guest", &script, within).await?;
                }
                Ok::<_, Error>(())
            };
            match timeout(within, work).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "frozen without writing back first"),
                Err(_) => tracing::debug!("writing back takes long; frozen before it has ended"),
            }
        }
    }

    /// Waits for the end of a program that was started in the guest.
    ///
    /// # Errors
    /// As for [`run_script`](Self::run_script).
    fn finish(&mut self, what: &str, pid: i64, within: Duration) -> impl Future<Output = Result<ExecOutput>> + Send {
        async move {
            let until = Instant::now() + within;
            for look in 0.. {
                if let Some(output) = self.outcome(pid).await.map_err(|error| error.within(what))? {
                    return Ok(output);
                }
                if Instant::now() > until {
                    break;
                }
                sleep(pause(look)).await;
            }
            let seconds = within.as_secs();
            let message = format!("{what}: the guest did not finish within {seconds} seconds; it may still do so");
            Err(Error::new(ErrorKind::Timeout, message))
        }
    }

    /// The same of a kind of program whose `pace` is known: it is not asked about before it is likely to have ended.
    ///
    /// # Errors
    /// As for [`run_script`](Self::run_script).
    fn finish_at(
        &mut self,
        pace: fn(&mut Self) -> &mut Pace,
        what: &str,
        pid: i64,
        within: Duration,
    ) -> impl Future<Output = Result<ExecOutput>> + Send {
        async move {
            let begun = Instant::now();
            sleep(pace(self).first_look()).await;
            let output = self.finish(what, pid, within).await?;
            if output.exit_code == 0 {
                pace(self).note(begun.elapsed());
            }
            Ok(output)
        }
    }
}

impl ThroughAgent for Owner {
    /// Asks the agent (after a sync, which finds one that hangs sooner than a command could), dropping a connection that
    /// broke so that the next request makes a new one.
    async fn ask_agent(&mut self, command: &str, arguments: Value, within: Duration) -> Result<Value> {
        let result = self.agent_anew().await?.execute(command, arguments, within).await;
        self.drop_broken_agent(result)
    }

    async fn start(&mut self, argv: &[String], stdin: Option<&[u8]>) -> Result<i64> {
        self.refuse_when_silent()?;
        let agent =
            if self.agent_answered_just_now() { self.agent_at_once().await? } else { self.agent_anew().await? };
        let result = agent.start(argv, stdin).await;
        self.drop_broken_agent(result)
    }

    async fn outcome(&mut self, pid: i64) -> Result<Option<ExecOutput>> {
        // One that has just answered is not looked for each time; a guest may restart meanwhile.
        if self.agent_seen.elapsed() > SEEN || !self.agent.as_ref().is_some_and(Agent::is_in_step) {
            self.agent().await?;
            self.agent_seen = Instant::now();
        }
        let agent = self.agent.as_mut().ok_or_else(Error::not_running)?;
        let result = agent.outcome(pid).await;
        self.drop_broken_agent(result)
    }

    async fn unmount_quickly(&mut self, serial: &Serial, path: &MountPath, within: Duration) -> Result<bool> {
        self.unmount_known(serial, path, within).await
    }

    fn remember(&mut self, serial: &Serial, mounted: &ExecOutput) {
        self.known.remember(serial, mounted);
    }
}

impl Owner {
    /// The agent, connected and known to have its side of the port open.
    ///
    /// # Errors
    /// `NoAgent` when the guest has none running (yet), `Held` when another client talks to it.
    pub(super) async fn agent(&mut self) -> Result<&mut Agent> {
        let chardev = self.agent_chardev().await?;
        if chardev["frontend-open"] != true {
            let message = "the guest's agent is not running. While the machine boots, wait a little; otherwise start \
                           qemu-guest-agent in the guest";
            return Err(Error::new(ErrorKind::NoAgent, message));
        }
        if self.agent.is_none() {
            let socket = self.agent_socket(&chardev)?;
            self.wait_for_other_client(chardev).await?;
            let agent = Agent::connect(&socket).await?;
            self.agent = Some(agent);
            self.thaw_if_left_frozen().await?;
        }
        self.agent.as_mut().ok_or_else(Error::not_running)
    }

    /// The agent, after all that is looked at before a guest is asked something, and so that it is synchronised with first.
    async fn agent_anew(&mut self) -> Result<&mut Agent> {
        self.need_guest_if_begun().await?;
        let agent = self.agent().await?;
        agent.distrust();
        Ok(agent)
    }

    /// The same, but as it is when it has answered the request before.
    async fn agent_at_once(&mut self) -> Result<&mut Agent> {
        if !self.agent.as_ref().is_some_and(Agent::is_in_step) {
            return self.agent_anew().await;
        }
        self.agent.as_mut().ok_or_else(Error::not_running)
    }

    /// Looks for the agent and synchronises with it, so that what it is soon asked to start begins at once.
    pub(super) async fn greet(&mut self) -> Result<()> {
        let since = Instant::now();
        let result = self.agent_anew().await?.execute("guest-ping", json!({}), QUICK).await;
        self.note_silence(&result, since);
        self.drop_broken_agent(result)?;
        self.agent_seen = Instant::now();
        Ok(())
    }

    /// Notes that the agent was waited for in vain, so that what it is asked right then need not wait as long again.
    pub(super) fn note_silence<T>(&mut self, result: &Result<T>, since: Instant) {
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::NoAgent) && since.elapsed() > SYNC / 2 {
            self.agent_silent = Some(Instant::now());
        }
    }

    /// # Errors
    /// `NoAgent` when it was waited for in vain just now.
    pub(super) fn refuse_when_silent(&mut self) -> Result<()> {
        match self.agent_silent.take() {
            Some(since) if since.elapsed() < SEEN => Err(no_answer()),
            _ => Ok(()),
        }
    }

    /// Whether the agent can be asked without looking for it first.
    pub(super) fn agent_answered_just_now(&self) -> bool {
        self.agent_seen.elapsed() < SEEN && self.agent.as_ref().is_some_and(Agent::is_in_step)
    }

    /// Ends a program that waits in the guest for something that will not come, as far as that can be done.
    pub(super) async fn end_program(&mut self, pid: i64) {
        let what = "could not end a program in the guest";
        let ended = async {
            self.run_script(what, &guest_script::end(pid), QUICK).await?;
            self.finish(what, pid, QUICK).await
        };
        if let Err(error) = ended.await {
            tracing::warn!(%error, pid, "it ends by itself when it has waited long enough");
        }
    }

    /// A second client of the socket would wait silently, so QEMU is asked whether there is a first.
    async fn wait_for_other_client(&mut self, mut chardev: Value) -> Result<()> {
        let until = Instant::now() + OTHER_CLIENT_LEAVES;
        while !chardev["filename"].as_str().is_some_and(|name| name.starts_with("disconnected:")) {
            if Instant::now() > until {
                let message = "another client holds the socket of the guest's agent. End it and try again";
                return Err(Error::new(ErrorKind::Held, message));
            }
            sleep(Duration::from_millis(50)).await;
            chardev = self.agent_chardev().await?;
        }
        Ok(())
    }

    /// As [`ask_agent`](ThroughAgent::ask_agent), but at once when the agent has answered the request before: for what no
    /// moment may be lost with.
    pub(super) async fn ask_agent_at_once(
        &mut self,
        command: &str,
        arguments: Value,
        within: Duration,
    ) -> Result<Value> {
        let result = self.agent_at_once().await?.execute(command, arguments, within).await;
        self.drop_broken_agent(result)
    }

    /// The same of [`start`](ThroughAgent::start).
    pub(super) async fn start_at_once(&mut self, argv: &[String]) -> Result<i64> {
        let result = self.agent_at_once().await?.start(argv, None).await;
        self.drop_broken_agent(result)
    }

    pub(super) fn drop_broken_agent<T>(&mut self, result: Result<T>) -> Result<T> {
        if result.as_ref().is_err_and(|error| matches!(error.kind(), ErrorKind::NotRunning | ErrorKind::Io)) {
            self.agent = None;
        }
        result
    }

    /// An earlier connection may have ended between freeze and thaw; a frozen guest can do nothing.
    async fn thaw_if_left_frozen(&mut self) -> Result<()> {
        let Some(agent) = &mut self.agent else { return Ok(()) };
        let status = match agent.execute("guest-fsfreeze-status", json!({}), QUICK).await {
            Ok(status) => status,
            // An agent that cannot freeze has nothing frozen.
            Err(error) if error.kind() == ErrorKind::Refused => return Ok(()),
            Err(error) => {
                self.agent = None;
                return Err(error);
            }
        };
        if status == "frozen" {
            tracing::warn!("the guest was left frozen by an earlier connection: thawing it");
            self.thaw_now().await?;
        }
        Ok(())
    }
}
