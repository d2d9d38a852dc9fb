# shellcheck shell=bash
# What the scripts that pair two processes share. A script sources this and says
#
#   lesson echo                      which lesson, and builds it
#   server serve                     starts its server, waits until it listens, sets $addr
#   client send --to "$addr" hello   runs a client beside it
#
# Each side's lines are shown behind its name; the server's log when the server has ended, so that a script prints the
# same each time. The script ends with the exit code of the client that failed, if one did. Whatever ends it, Ctrl-C
# too, ends the server first.
#
# LESSON_BIN names a program that is built already; the tests set it. All of this works with the bash 3.2 of macOS.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# Seconds that a server may take to listen, and to end.
readonly patience=20

addr=
server_pid=

lesson() {
  lesson=$1
  if [[ -n ${LESSON_BIN:-} ]]; then
    program=("$LESSON_BIN")
  else
    cargo build --quiet --package "$lesson"
    program=(cargo run --quiet --package "$lesson" --)
  fi
  scratch=$(mktemp -d)
  mkfifo "$scratch/never"
  trap finish EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

server() {
  stop_server
  typed server "$@" --listen 127.0.0.1:0
  mkfifo "$scratch/stdout"
  "${program[@]}" "$@" --listen 127.0.0.1:0 >"$scratch/stdout" 2>"$scratch/stderr" &
  server_pid=$!
  exec 3<"$scratch/stdout"
  local line=
  read -r -t "$patience" line <&3 || true
  addr=${line#listening on }
  if [[ $line != "listening on $addr" ]]; then
    echo "error: the server said '$line', not where it listens" >&2
    return 1
  fi
  printf '%s\n' "$line" | behind 'server |'
}

client() {
  typed client "$@"
  "${program[@]}" "$@" 2>&1 | behind 'client |'
}

# Ends the server, shows its log, and fails if it does not end cleanly.
stop_server() {
  [[ -n $server_pid ]] || return 0
  local status=0
  kill -TERM "$server_pid" 2>/dev/null || true
  # One that does not end is killed. The watch waits for what never comes, since a sleep would outlive it.
  { read -r -t "$patience" <>"$scratch/never" || kill -KILL "$server_pid"; } 2>/dev/null &
  local watch=$!
  wait "$server_pid" || status=$?
  kill -KILL "$watch" 2>/dev/null || true
  wait "$watch" 2>/dev/null || true
  server_pid=
  exec 3<&-
  rm "$scratch/stdout"
  behind 'server |' <"$scratch/stderr"
  if [[ $status -ne 0 ]]; then
    echo "error: the server exits with $status" >&2
  fi
  return "$status"
}

finish() {
  local status=$?
  # A second Ctrl-C finds all of this under way already.
  trap - EXIT
  trap '' HUP INT TERM
  stop_server || [[ $status -ne 0 ]] || status=1
  rm -r "$scratch"
  exit "$status"
}

# Shows a command as the reader would type it.
typed() {
  local side=$1 word
  shift
  {
    printf 'cargo run -p %s --' "$lesson"
    for word; do
      case $word in
        '' | *[!A-Za-z0-9_.,:/=-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
      esac
    done
    printf '\n'
  } | behind "$side \$"
}

# Shows standard input behind a mark. All output goes this way: when its reader goes away, it is sed that ends, and
# the script that follows it still ends the server.
behind() {
  sed "s/^/$1 /"
}
