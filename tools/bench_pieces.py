"""The programs that tools/bench holds side by side: how each is configured and started.

A piece is named PROGRAM[-WORD...]: `sipsteer`, `sipsteer-gso`, `sipsteer-stateful`, `kamailio`,
`kamailio-stateful`, `relay`, `plain`. Words of sipsteer: `gso`, `epoll`, `stateful`, `rr`; of
Kamailio: `stateful`, `rr` (Record-Route).
"""
from pathlib import Path

# Both remember a finished transaction for that long.
REMEMBERED_SECONDS = 5

KAMAILIO_HEAD = """#!KAMAILIO
debug=-1
log_stderror=yes
fork=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
dns_try_ipv6=no
use_dns_cache=no
maxbuffer=8388608
disable_tcp=yes
listen=udp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
"""

KAMAILIO_STATELESS = """
loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "{list}")
request_route {{
  if (!mf_process_maxfwd_header("70")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (!ds_select_dst("1", "0")) {{ sl_send_reply("503", "Service Unavailable"); exit; }}
  forward();
}}
"""

# Choice with the next ones kept, transactions, a failure route that takes the next destination;
# requests of a dialog by their Route.
KAMAILIO_STATEFUL = """
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "{list}")
modparam("dispatcher", "flags", 2)
modparam("tm", "fr_timer", 1000)
modparam("tm", "wt_timer", {remembered_ms})
request_route {{
  if (!mf_process_maxfwd_header("70")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (has_totag()) {{
    if (!loose_route()) {{ sl_send_reply("403", "Forbidden"); exit; }}
    t_relay();
    exit;
  }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (is_method("ACK")) {{ t_check_trans(); exit; }}
  {record_route}
  if (!ds_select_dst("1", "0", "3")) {{ sl_send_reply("503", "Service Unavailable"); exit; }}
  t_on_failure("NEXT");
  t_relay();
}}
failure_route[NEXT] {{
  if (t_is_canceled()) exit;
  if (t_check_status("5[0-9][0-9]") || t_branch_timeout()) {{
    if (ds_next_dst()) {{ t_on_failure("NEXT"); t_relay(); }}
  }}
}}
"""

SIPSTEER = """listen = ["udp:127.0.0.1:{port}"]
shards = 1
io = "{io}"
gso = {gso}
state_directory = "{folder}"
[destinations]
source = "{list}"
[health]
mode = "none"
[limits]
transactions = 400000
transaction_bytes = "1024MiB"
[admin]
socket = "{folder}/{name}.sock"
[[route]]
set = 1
{route}
"""


def sipsteer_command(name, port, lab):
    """Writes the configuration of a sipsteer piece; its command line."""
    words = name.split("-")[1:]
    route = 'mode = "stateless"'
    if "stateful" in words:
        route = (f'mode = "stateful"\ncompleted = "{REMEMBERED_SECONDS}s"\n'
                 'failover = { on = ["timeout", "transport", "5xx"], tries = 3, timeout = "1s" }')
    if "rr" in words:
        route += "\nrecord_route = true"
    config = lab.folder / f"{name}.toml"
    config.write_text(SIPSTEER.format(port=port, io="epoll" if "epoll" in words else "auto",
                                      gso="true" if "gso" in words else "false", name=name,
                                      folder=lab.folder, list=lab.list, route=route))
    return [str(lab.options.bin / "sipsteer"), "-f", str(config)]


def kamailio_command(name, port, lab):
    """Writes the configuration of a Kamailio piece; its command line."""
    words = name.split("-")[1:]
    text = KAMAILIO_HEAD + (KAMAILIO_STATEFUL if "stateful" in words else KAMAILIO_STATELESS)
    modules = next(iter(Path("/usr/lib").glob("*/kamailio/modules")), "")
    config = lab.folder / f"{name}.cfg"
    config.write_text(text.format(port=port, list=lab.list, modules=modules,
                                  remembered_ms=REMEMBERED_SECONDS * 1000,
                                  record_route="record_route();" if "rr" in words else ""))
    return ["kamailio", "-x", "tlsf", "-X", "tlsf", "-m", "2048", "-M", "64", "-DD",
            "-f", str(config), "-Y", str(lab.folder)]


def relay_command(name, port, lab):
    """The command line of siplab's relay, or of the plain loop that it is held against."""
    targets = [word for one in lab.ports for word in ("--target", f"udp:127.0.0.1:{one}")]
    plain = ["--plain"] if name == "plain" else []
    return [lab.siplab(), "relay", "--listen", f"udp:127.0.0.1:{port}", *targets,
            "--duration", "0", *plain]


def command(name, port, lab):
    """The command line of a piece that listens on `port`."""
    program = name.split("-")[0]
    makers = {"sipsteer": sipsteer_command, "kamailio": kamailio_command,
              "relay": relay_command, "plain": relay_command}
    return makers[program](name, port, lab)
