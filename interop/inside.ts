import path from 'node:path';
import type { Host } from './runner.ts';

/** Where the programs of another root, or of a container, find their host's folder. */
export const FOLDER = '/run';

/**
 * Becomes a program within a root directory, in mounts of its own, which end with it: the root is
 * read-only, and the folder of the program's host is `/run`.
 */
const ENTER = `
  root=$1 folder=$2
  shift 2
  mount --bind "$root" "$root"
  mount -o remount,bind,ro "$root"
  for each in proc sys dev; do mount --rbind "/$each" "$root/$each"; done
  for each in root tmp var/tmp; do mount -t tmpfs tmpfs "$root/$each"; done
  mount --bind "$folder" "$root${FOLDER}"
  exec chroot "$root" "$@"`;

/** `host` as the programs of `root` see it: a folder with the Debian of another day. */
export function hostInside(root: string, host: Host): Host {
  const own = ['unshare', '--mount', '/bin/sh', '-ec', ENTER, 'enter', root, host.folder];
  return {
    ...moved(host),
    start: (log, argv) => host.start(log, [...own, ...argv]),
    run: (argv) => host.run([...own, ...argv]),
  };
}

/** `host` for programs that find its folder in another place. */
export const moved = (host: Host): Host => ({
  ...host,
  folder: FOLDER,
  write: (name, text) => path.join(FOLDER, path.basename(host.write(name, text))),
});
