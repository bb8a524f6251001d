"""A watch with all that surrounds it: real time, its log, and what it shows of itself over HTTP."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

from sfdd_declare.app.options import Options, WatchOptions
from sfdd_declare.app.watch import Surroundings, Watching
from sfdd_declare.app.watch_clock import RealClock
from sfdd_declare.app.watch_log import Log

#: A loop that has not looked at the clock for so long, while nothing runs, hangs.
HANGS = timedelta(minutes=5)
#: Nor does a run take so long.
ENDLESS = timedelta(hours=12)


def run(options: Options, how: WatchOptions) -> int:
    """Watch until a signal arrives; returns its number. Raises what is wrong at the start."""
    clock = RealClock(how.bell)
    log = Log(how.put, how.as_json, clock.now)
    with ExitStack() as stack:
        if how.listen is None:
            return Watching.begin(options, Surroundings(clock, log, how.bell)).run()
        from sfdd_declare.web.listen import parse_listen  # noqa: PLC0415 - only who listens pays for a server
        from sfdd_declare.web.meters import Meters  # noqa: PLC0415
        from sfdd_declare.web.server import serve  # noqa: PLC0415

        meters, address = Meters(), parse_listen(how.listen)
        around = Surroundings(clock, log, how.bell, ended=meters.finished)
        watching = Watching.begin(options, around)

        def alive() -> bool:
            since = watching.running_since
            return clock.now() - watching.seen < HANGS if since is None else clock.now() - since < ENDLESS

        shown = serve(address, lambda: watching.service, how.token, alive=alive, meters=meters)
        web = stack.enter_context(shown)
        log("listening", f"Shown at {web.url}/", url=web.url)
        return watching.run()
