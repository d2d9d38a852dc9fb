# shellcheck shell=bash
# What the scripts that pair two processes, or more, share. A script sources this and says
#
#   lesson echo                      which lesson, and builds it
#   server serve                     starts its server, waits until it listens, sets $addr
#   client send --to "$addr" hello   runs a client beside it
#
# or, where there are several servers, each with a name:
#
#   beside store serve               starts one, beside those that run, and sets $addr
#   kill_hard store                  kills it with -9; it may be started again
#   wait_for "$addr" 10              waits until a replica of lesson 21 says 10
#   freeze n1; thaw n1               stops one for a while: it neither answers nor is gone
#   laptop -- ping -c 1 192.0.2.1    runs a command on a host of the internet of lesson 02 or 03
#   stop_servers                     ends all of them, the latest first
#
# Each side's lines are shown behind its name; a server's log when the server has ended, so that a script prints the
# same each time. Logs that cannot be the same each time are hidden with logs=hidden, unless their server fails. The
# script ends with the exit code of the client that failed, if one did. Whatever ends it, Ctrl-C too, ends the servers
# first.
#
# LESSON_BIN names a program that is built already; the tests set it. All of this works with the bash 3.2 of macOS.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# Cargo shows on a terminal what it builds, which may take minutes, and elsewhere nothing but errors. So a script that
# pairs no processes sources this, too, if it builds something.
[[ -t 2 ]] || export CARGO_TERM_QUIET=true

# Seconds that a server may take to listen, and to end.
readonly server_timeout=20

addr=
logs=shown
# The servers that run: their names, and in the same order their processes.
names=()
# Of one that was killed: nothing.
pids=()

lesson() {
  lesson=$1
  if [[ -n ${LESSON_BIN:-} ]]; then
    program=("$LESSON_BIN")
  else
    cargo build --package "$lesson"
    program=(cargo run --quiet --package "$lesson" --)
  fi
  scratch=$(mktemp -d)
  mkfifo "$scratch/never"
  trap finish EXIT
  trap 'exit 129' HUP
  # The `:` is needed: where Ctrl-C ends what bash waits for as well, bash 5.2 drops whatever runs one command later. From
  # there it goes on to the trap of EXIT, unless that is what it drops.
  trap ':; exit 130' INT
  trap 'exit 143' TERM
}

# The only server: those that ran before end.
server() {
  stop_servers
  beside server "$@"
}

# One more server, by this name. It listens on a free port, unless its arguments name one.
beside() {
  local name=$1 at=${#pids[@]} line=
  shift
  case " $* " in
    *' --listen '*) ;;
    *) set -- "$@" --listen 127.0.0.1:0 ;;
  esac
  typed "$name" "$@"
  mkfifo "$scratch/stdout"
  "${program[@]}" "$@" >"$scratch/stdout" 2>"$scratch/stderr.$at" &
  names[at]=$name
  pids[at]=$!
  # After this line a server writes to its log alone.
  read -r -t "$server_timeout" line <"$scratch/stdout" || true
  rm "$scratch/stdout"
  addr=${line#listening on }
  if [[ $line != "listening on $addr" ]]; then
    echo "error: $name said '$line', not where it listens" >&2
    return 1
  fi
  printf '%s\n' "$line" | behind "$name" '|'
}

client() {
  typed client "$@"
  "${program[@]}" "$@" 2>&1 | behind client '|'
}

# laptop [OPTION…] -- COMMAND…: runs a command of the system, if it is installed, on a host of the lesson's own internet.
laptop() {
  local line="$* "
  local command=${line#*-- }
  command=${command%% *}
  if ! command -v "$command" >/dev/null; then
    echo "$command is not installed" | behind script '|'
    return
  fi
  typed host tun "$@"
  # These lines may be as wide as the screen, so that the mark has to be short.
  "${program[@]}" tun "$@" 2>&1 | sed 's/^/  | /'
}

# Waits until the replica of a counter at this address says this.
wait_for() {
  local value='' tries=0
  until value=$("${program[@]}" read --to "$1") && [[ $value == "$2" ]]; do
    tries=$((tries + 1))
    if [[ $tries -gt 200 ]]; then
      echo "error: $1 says $value, and not $2" >&2
      return 1
    fi
    # Replicas push in their own time.
    read -r -t 0.1 <>"$scratch/never" || true
  done
}

# Sets $at to the place of the server of this name, the latest if there were several.
find_server() {
  for ((at = ${#pids[@]} - 1; at >= 0; at--)); do
    if [[ ${names[at]} == "$1" ]]; then return; fi
  done
  echo "error: no server is called $1" >&2
  return 1
}

# Kills a server with -9. Its log is not shown.
kill_hard() {
  local at
  find_server "$1"
  echo "kill -9 $1" | behind script '\$'
  kill -KILL "${pids[at]}"
  # It says how the process ended, which is known.
  wait "${pids[at]}" 2>/dev/null || true
  pids[at]=
}

freeze() {
  signal STOP "$@"
}

thaw() {
  signal CONT "$@"
}

signal() {
  local at name=$1
  shift
  echo "kill -$name $*" | behind script '\$'
  for server; do
    find_server "$server"
    kill "-$name" "${pids[at]}"
  done
}

# Sets the array $free to n addresses of this machine, up to eight, on which no process listens. Systems give out ports
# from 32768 on, or higher, so no process gets these by chance; and scripts that run at once begin at ports of their own.
free_addresses() {
  local count=$1 port=$((10000 + $$ % 2500 * 8))
  free=()
  while [[ ${#free[@]} -lt $count ]]; do
    if ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      free[${#free[@]}]=127.0.0.1:$port
    fi
    port=$((port + 1))
  done
}

# Ends every server, the latest first, for it may need those from before. Fails if one does not end cleanly.
stop_servers() {
  local status=0
  while [[ ${#pids[@]} -gt 0 ]]; do
    stop_latest || status=$?
  done
  return "$status"
}

# Ends the server that was started last, and shows its log.
stop_latest() {
  local at=$((${#pids[@]} - 1)) status=0
  local name=${names[at]} pid=${pids[at]}
  if [[ -z $pid ]]; then
    unset "pids[at]" "names[at]"
    return
  fi
  # One that is frozen hears nothing else.
  kill -CONT "$pid" 2>/dev/null || true
  kill -TERM "$pid" 2>/dev/null || true
  # One that does not end is killed. The watchdog waits for what never comes, since a sleep would outlive it.
  { read -r -t "$server_timeout" <>"$scratch/never" || kill -KILL "$pid"; } 2>/dev/null &
  local watchdog=$!
  wait "$pid" || status=$?
  kill -KILL "$watchdog" 2>/dev/null || true
  wait "$watchdog" 2>/dev/null || true
  unset "pids[at]" "names[at]"
  if [[ $logs == shown || $status -ne 0 ]]; then
    behind "$name" '|' <"$scratch/stderr.$at"
  fi
  if [[ $status -ne 0 ]]; then
    echo "error: $name exits with $status" >&2
  fi
  return "$status"
}

finish() {
  local status=$?
  # A second Ctrl-C finds all of this begun already.
  trap - EXIT
  trap '' HUP INT TERM
  # A signal may meet a server before it can end cleanly. That is not an error: the reader asked for the end.
  if [[ $status -gt 128 ]]; then exec 2>/dev/null; fi
  stop_servers || [[ $status -ne 0 ]] || status=1
  rm -r "$scratch"
  exit "$status"
}

# Shows a command as the reader would type it. One that is longer than a line goes on below, an option with its value.
typed() {
  local side=$1 word words=()
  shift
  for word; do
    # What stands in a folder that goes away is typed as if it stood here.
    word=${word#"$scratch/"}
    case $word in
      '' | *[!A-Za-z0-9_.,:/=-]*) word="'$word'" ;;
    esac
    words[${#words[@]}]=$word
  done
  # Of 80 columns nine are the mark's.
  in_lines 71 "cargo run -p $lesson --" "${words[@]}" | behind "$side" '\$'
}

in_lines() {
  local width=$1 line=$2 whole needs
  shift
  whole="$*"
  shift
  if [[ ${#whole} -le $width ]]; then
    printf '%s\n' "$whole"
    return
  fi
  while [[ $# -gt 0 ]]; do
    needs=$1
    if [[ $1 == -* ]]; then needs="$1 ${2:-}"; fi
    if [[ $((${#line} + 1 + ${#needs} + 2)) -gt $width ]]; then
      printf '%s \\\n' "$line"
      line=' '
    fi
    line="$line $1"
    shift
  done
  printf '%s\n' "$line"
}

# Shows standard input behind the name of a side and a mark. All output goes this way: when its reader goes away, it is
# sed that ends, and the script that follows it still ends the servers.
behind() {
  local mark
  mark=$(printf '%-6s %s' "$1" "$2")
  sed "s/^/$mark /"
}
