#!/usr/bin/env bash
# Several hosts on one machine: network namespaces behind a switch, each on a link of limited rate.
#
#   hosts.sh NAME COUNT RATE DELAY      such as: hosts.sh net 5 1gbit 0
#
# Makes NAME-0 at 10.78.0.10, NAME-1 at 10.78.0.11 and so on, says "up" and holds them until its
# standard input ends. Then it kills what runs in them and removes them: whoever started it may be
# killed, and nothing is left. All of it lies in namespaces, so runs do not see each other.
#
# Ends with status 77, and says why in a line, where this machine or this user can have none.
set -euo pipefail
# Ctrl-C reaches all processes of a terminal; the end of input is what ends this one.
trap '' INT TERM HUP PIPE

name=$1 count=$2 rate=$3 delay=$4

cannot() {
  echo "$1" >&2
  exit 77
}

make() {
  local host
  ip netns add "$name-switch" 2>/dev/null || cannot "this machine makes no network namespaces"
  ip -n "$name-switch" link add switch type bridge
  ip -n "$name-switch" link set switch up
  for ((host = 0; host < count; host++)); do
    ip netns add "$name-$host"
    ip link add eth0 netns "$name-$host" type veth peer name "port$host" netns "$name-switch"
    ip -n "$name-switch" link set "port$host" master switch up
    ip -n "$name-$host" addr add "10.78.0.$((10 + host))/24" dev eth0
    ip -n "$name-$host" link set eth0 up
    ip -n "$name-$host" link set lo up
    # What a host sends is limited at its own end, what it receives at the end of the switch.
    limit "$name-$host" eth0
    limit "$name-switch" "port$host"
  done
}

limit() {
  tc -n "$1" qdisc add dev "$2" root handle 1: tbf rate "$rate" burst 512kb latency 100ms
  [[ $delay == 0 ]] ||
    tc -n "$1" qdisc add dev "$2" parent 1:1 netem delay "$delay" limit 10000 2>/dev/null ||
    cannot "the kernel of this machine delays no packets (it has no netem): give a delay of 0"
}

remove() {
  local namespace pids try
  for namespace in $(ip netns list | cut -d ' ' -f 1 | grep "^$name-"); do
    for ((try = 0; try < 100; try++)); do
      pids=$(ip netns pids "$namespace")
      [[ -n $pids ]] || break
      # A line each; one that has just ended is none to kill.
      kill -KILL $pids 2>/dev/null || true
      sleep 0.05
    done
    ip netns delete "$namespace"
  done
}

command -v ip >/dev/null && command -v tc >/dev/null || cannot "ip and tc are needed: install iproute2"
[[ $(id -u) == 0 ]] || cannot "network namespaces need root"
trap remove EXIT
make
echo up
while read -r _; do :; done
