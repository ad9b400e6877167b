/** A daemon of libvirt's with a session of its own, in the folder in which the server looks for one, and a domain that never runs. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { needed } from './window';

const folder = needed('CAIRN_LIBVIRT');
export const uri = `qemu:///session?socket=${folder}/run/libvirt/libvirt-sock`;

function virsh(...words: string[]): string {
  return execFileSync('virsh', ['-q', '-c', uri, ...words], { encoding: 'utf8', stdio: 'pipe' });
}

function answers(): boolean {
  try {
    virsh('list');
    return true;
  } catch {
    return false;
  }
}

export class Libvirt {
  private constructor(
    private readonly daemon: ChildProcess,
    private readonly domain: string,
  ) {}

  /** Starts both. */
  static async start(domain: string): Promise<Libvirt> {
    for (const name of ['run', 'cache', 'data', 'config/libvirt']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    // Nobody else is to be started for a log.
    writeFileSync(join(folder, 'config/libvirt/qemu.conf'), 'stdio_handler = "file"\n');
    const place = (name: string) => join(folder, name);
    const env = {
      ...process.env,
      XDG_RUNTIME_DIR: place('run'),
      XDG_CACHE_HOME: place('cache'),
      XDG_DATA_HOME: place('data'),
      XDG_CONFIG_HOME: place('config'),
    };
    // libvirt gives root no session; so root gets another number, in the daemon's own eyes only.
    const disguise = process.getuid?.() === 0;
    const words = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
    const [program, ...rest] = [...(disguise ? words : []), '/usr/sbin/libvirtd'];
    const daemon = spawn(program, rest, { env, stdio: 'ignore' });
    const libvirt = new Libvirt(daemon, domain);
    await expect.poll(answers, { timeout: 30_000 }).toBe(true);
    const xml = place('domain.xml');
    writeFileSync(
      xml,
      `<domain type='qemu'><name>${domain}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os>
       <type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features></domain>`,
    );
    virsh('create', '--paused', xml);
    return libvirt;
  }

  /** What libvirt says of the domain's state. */
  get state(): string {
    return virsh('domstate', this.domain).trim();
  }

  /** Ends both. */
  async end(): Promise<void> {
    virsh('destroy', this.domain);
    const ended = once(this.daemon, 'exit');
    this.daemon.kill();
    await ended;
  }
}
