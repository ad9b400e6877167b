//! The guest's agent: programs that run in the guest, an agent that hangs, a guest that is rebooted.

use std::time::Duration;

use cairn_vm::ErrorKind;

use crate::common::{Guest, PATIENCE};

#[tokio::test]
async fn programs_run_in_the_guest_with_their_input_output_and_exit_code() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let argv = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();

    let input: Vec<u8> = (0..3_000_000_u32).flat_map(|n| n.to_be_bytes()).take(5_000_000).collect();
    let output = machine.exec(&argv(&["cat"]), Some(input.clone()), PATIENCE).await.unwrap();
    assert!(output.exit_code == 0 && output.stdout == input && !output.truncated, "every byte comes back");
    let output = machine.exec(&argv(&["sh", "-c", "echo out; echo err >&2; exit 7"]), None, PATIENCE).await.unwrap();
    assert_eq!((output.exit_code, &output.stdout[..], &output.stderr[..]), (7, &b"out\n"[..], &b"err\n"[..]));
    let output = machine.exec(&argv(&["sh", "-c", "kill -9 $$"]), None, PATIENCE).await.unwrap();
    assert_eq!(output.exit_code, 137);
    let flood = machine.exec(&argv(&["head", "-c", "40000000", "/dev/zero"]), None, PATIENCE).await.unwrap();
    assert!(flood.truncated && flood.stdout.len() < 20_000_000, "more than fits is cut, and that is said");

    let error = machine.exec(&argv(&["no-such-program"]), None, PATIENCE).await.expect_err("not there");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(machine.exec(&[], None, PATIENCE).await.expect_err("nothing").kind(), ErrorKind::Invalid);
    let short = Duration::from_millis(300);
    let error = machine.exec(&argv(&["sleep", "1000"]), None, short).await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");

    // A long program does not keep others waiting.
    let slow = tokio::spawn({
        let (machine, argv) = (machine.clone(), argv(&["sh", "-c", "until [ -e /tmp/go ]; do usleep 10000; done"]));
        async move { machine.exec(&argv, None, PATIENCE).await }
    });
    guest.run("touch /tmp/go").await;
    assert_eq!(slow.await.unwrap().unwrap().exit_code, 0);
}

#[tokio::test]
async fn an_agent_that_hangs_is_told_and_comes_back_in_step() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    guest.type_on_console("kill -STOP $(pidof qemu-ga); echo stopp''ed", "stopped");
    let error = machine.guest_mounts().await.expect_err("it hangs");
    assert_eq!(error.kind(), ErrorKind::NoAgent, "{error}");
    let disk = guest.disk("vol_hang");
    machine.attach(&disk).await.expect("QEMU needs no agent to attach");
    assert_eq!(machine.mount(&disk.serial, "/data", false).await.expect_err("it hangs").kind(), ErrorKind::NoAgent);
    guest.type_on_console("kill -CONT $(pidof qemu-ga); echo go''es", "goes");
    machine.mount(&disk.serial, "/data", false).await.expect("late answers are not taken for new ones");
    assert_eq!(machine.guest_mounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_guest_that_is_rebooted_keeps_its_disks_and_can_mount_them_again() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.mounted("vol_reboot").await;
    guest.run("echo before > /data/file; touch /tmp/still-the-first-boot").await;
    let _ = machine.exec(&["reboot".to_owned()], None, PATIENCE).await;
    loop {
        machine.wait_for_agent(PATIENCE).await.unwrap();
        let argv = ["test", "-e", "/tmp/still-the-first-boot"].map(str::to_owned);
        if machine.exec(&argv, None, PATIENCE).await.is_ok_and(|output| output.exit_code == 1) {
            break;
        }
    }
    assert_eq!(machine.disks().await.unwrap().len(), 1);
    assert_eq!(machine.guest_mounts().await.unwrap(), []);
    machine.mount(&disk.serial, "/data", false).await.unwrap();
    assert_eq!(guest.run("cat /data/file").await, "before\n");
    machine.unmount(&disk.serial, "/data").await.unwrap();
    machine.detach(&disk.serial).await.unwrap();
}
