#!/usr/bin/env bash
# The one entry: ./submit.sh COMMAND [options]. Builds what changed, then goes through spark-submit:
# the cluster's own where SPARK_HOME has one, else the Spark that Maven assembled.
#
#   --master URL        where to run; picks conf/profiles/*.conf (default: local[*])
#   --spark KEY=VALUE   a Spark setting on top of the profile, as often as needed
#   UIO_DRIVER_MEMORY   heap of the driver (default: 4g)
#   MALLOC_*            of glibc's allocator: what is set here is kept, for the executors too
#   CUDA_DEVICE_ORDER   how CUDA numbers GPUs (default: PCI_BUS_ID, as nvidia-smi does)
#   UIO_LIBTORCH        what is built and run: cpu, or cuda for NVIDIA GPUs (default: cpu)
#   LC_ALL, LANG        their charset names files; where it is ASCII alone, C.UTF-8 is used
#
# `./submit.sh cluster start` starts a standalone cluster on this machine.
# `./submit.sh --help` lists the commands. Exit status: 0 done, 2 you can mend it, 1 anything else.
set -euo pipefail

home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
dist=$home/spark-jobs/target/dist
libtorch=${UIO_LIBTORCH:-cpu}
# Tells when, and with which libtorch, the last build was.
stamp=$dist/built
# Classes as a JVM of this class path has loaded them.
archive=$dist/classes.jsa

mend() {
  echo "submit.sh: $1" >&2
  exit 2
}

is_utf8() {
  [[ $(LC_ALL=$1 locale charmap 2>/dev/null) == UTF-8 ]]
}

# The JVM names files in the charset of the locale. Cron and plain containers have ASCII, in which
# 'café.txt' has no name: as Python does, that locale is replaced, and any other is the user's own.
choose_locale() {
  names=C.UTF-8
  # Not every system had it before glibc 2.35.
  is_utf8 "$names" || ! is_utf8 en_US.UTF-8 || names=en_US.UTF-8
  case $(locale charmap 2>/dev/null) in
    UTF-8) ;;
    ANSI_X3.4-1968 | US-ASCII | '') export LC_ALL=$names ;;
    # What the driver listed has to have the same name in the executors.
    *) names=${LC_ALL:-${LC_CTYPE:-$LANG}} ;;
  esac
}

find_java() {
  java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  command -v "$java" >/dev/null || mend "found no Java at '$java': install Java 17 or newer, or set JAVA_HOME to one"
  local version
  version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java\.specification\.version = //p')
  # Java 8 calls itself 1.8.
  [[ ${version%%.*} -ge 17 ]] || mend "'$java' is Java $version: install Java 17 or newer, or set JAVA_HOME to one"
}

is_built_with_it() {
  [[ -e $stamp && $(<"$stamp") == "$libtorch" ]]
}

is_current() {
  is_built_with_it && [[ -z $(find "${sources[@]}" -newer "$stamp" -print -quit) ]]
}

build() {
  local native=()
  case $libtorch in
    cpu) ;;
    cuda) native=(-Dcuda) ;;
    *) mend "UIO_LIBTORCH is '$libtorch': set it to cpu, or to cuda for NVIDIA GPUs" ;;
  esac
  local poms=("$home"/pom.xml "$home"/*/pom.xml)
  local sources=("${poms[@]}" "$home"/*/src/main "$home"/conf/uio.conf)
  is_current && return
  # Of commands that start at the same time one builds. (Where nothing can be locked, all do.)
  local lock
  exec {lock}<"$home/pom.xml"
  flock "$lock" || true
  if is_current; then
    exec {lock}<&-
    return
  fi
  make
  exec {lock}<&-
  has_spark || archive_classes
}

make() {
  command -v mvn >/dev/null || mend "found no mvn to build with: install Maven 3.8 or newer and put it on the PATH"
  echo "submit.sh: building; the first build downloads Spark and libtorch" >&2
  # After a change of dependencies the old jars must not stay on the class path.
  if ! is_built_with_it || [[ -n $(find "${poms[@]}" -newer "$stamp" -print -quit) ]]; then
    rm -rf "$dist"
  fi
  # Maven writes over a jar, which ends whoever runs from it; one that is gone they keep open.
  rm -f "$archive" "$home"/*/target/*.jar "$dist"/*.jar "$dist"/lib/{model,data-prep,spark-jobs}-*.jar
  local started
  started=$(mktemp)
  if ! (cd "$home" && mvn -q -B -Dstyle.color=never -DskipTests "${native[@]}" package >&2); then
    rm -f "$started"
    echo "submit.sh: the build failed; Maven says why above" >&2
    exit 1
  fi
  # Dated at the start: what was edited during the build is built again next time.
  echo "$libtorch" >"$stamp"
  touch -r "$started" "$stamp"
  rm -f "$started"
}

has_spark() {
  [[ -n ${SPARK_HOME:-} && -x $SPARK_HOME/bin/spark-submit ]]
}

# Half the time of a start goes into loading classes. A small run leaves them in a file, which a JVM
# maps where class path and Java are the same, and else passes over.
archive_classes() {
  local run
  run=$(mktemp -d "$dist/run.XXXXXX")
  echo 'What a small run loads, most runs load.' >"$run/text.txt"
  # A JVM that maps half a file crashes: it gets its name when it is whole. Of folders on the class
  # path, as those of a user's settings, it holds nothing.
  SPARK_CONF_DIR=$dist/spark/conf HADOOP_CONF_DIR='' YARN_CONF_DIR='' \
    "$home/submit.sh" prep --master 'local[1]' --input "$run/text.txt" --output "$run/set" \
    --tokenizer "$home/spark-jobs/src/main/resources/org/uiospark/jobs/quickstart/model/tokenizer.json" \
    --segment-length 8 --min-segments 1 \
    --spark "spark.driver.extraJavaOptions=\"-XX:ArchiveClassesAtExit=$run/classes.jsa\"" &>/dev/null &&
    mv "$run/classes.jsa" "$archive" || true
  rm -rf "$run"
}

choose_locale

# --master and --spark may stand anywhere; all else is the command's.
master='local[*]'
given=()
command_line=()
while (($#)); do
  case $1 in
    --master)
      [[ $# -ge 2 ]] || mend "--master needs a URL, such as local[2] or spark://host:7077"
      master=$2
      shift 2
      ;;
    --master=*)
      master=${1#*=}
      shift
      ;;
    --spark)
      [[ $# -ge 2 && $2 == spark.*=* ]] || mend "--spark needs KEY=VALUE, such as spark.executor.memory=8g"
      given+=(--conf "$2")
      shift 2
      ;;
    --spark=*)
      set -- --spark "${1#*=}" "${@:2}"
      ;;
    *)
      command_line+=("$1")
      shift
      ;;
  esac
done

driver_memory=${UIO_DRIVER_MEMORY:-4g}
[[ $driver_memory =~ ^[1-9][0-9]*[kKmMgGtT]$ ]] ||
  mend "UIO_DRIVER_MEMORY is '$driver_memory': set it to a size such as 4g or 1500m"

if [[ $master =~ ^local(\[(\*|[1-9][0-9]*)(,[0-9]+)?\])?$ ]]; then
  profile=local
elif [[ $master =~ ^spark://.+:[0-9]+$|^local-cluster\[.+\]$ ]]; then
  profile=standalone
elif [[ $master == yarn ]]; then
  profile=yarn
elif [[ $master == k8s://* ]]; then
  profile=kubernetes
else
  mend "--master '$master' is not known: local, local[N], spark://HOST:PORT, yarn or k8s://URL"
fi

find_java
build

if [[ ${command_line[0]:-} == cluster ]]; then
  # Its daemons run from the embedded Spark and outlive the command, so there is nothing to submit.
  export SPARK_HOME=$dist/spark
  exec "$java" -Xmx128m "-Duio.home=$home" "-Dlog4j2.configurationFile=$home/conf/log4j2.properties" \
    -cp "$SPARK_HOME/jars/*:$dist/lib/*" org.uiospark.jobs.Main "${command_line[@]}"
fi
# Locally the class path is what Maven put side by side; a cluster gets one file.
assembly=$dist/uio-spark-assembly.jar
classes=$assembly
[[ $profile != local ]] || classes=$dist/lib/*

# glibc would give large tensors back after every operation and fault their pages in again.
declare -A allocator=(
  [MALLOC_MMAP_THRESHOLD_]=33554432
  [MALLOC_TRIM_THRESHOLD_]=8000000000
  [MALLOC_TOP_PAD_]=67108864
)
# Tensors live outside the heap and are closed as soon as they are done with; a small young generation
# of fixed size keeps the heap, and with it the resident memory of a long run, as flat as they are.
jvm=-Xmn16m
case ${command_line[0]:-} in
  prep | bench-prep | recall)
    # The tokenizer makes millions of small allocations: two threads that share an arena, as they may
    # where glibc makes eight a core, wait for each other half of the time. Text does live on the heap.
    allocator=([MALLOC_ARENA_MAX]=1024)
    # Hardly a text outlives its turn: a larger heap makes collections no rarer, and G1 would have one.
    jvm="-Xmn64m -XX:GCTimeRatio=3"
    # Nor does what little Java there is beside the tokenizer give back what C2 takes of its cores.
    jvm+=" -XX:CompileThresholdScaling=10"
    ;;
esac
# One torch thread a task (Spark does the parallel work), no network at start-up, no re-optimizing of
# the kernels for each new memory length. Spark adds what Java 17 and Arrow need opened.
engine="-Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1 -Dai.djl.pytorch.num_interop_threads=1"
engine+=" -Dai.djl.pytorch.graph_optimizer=false"
# Hadoop asks S3 for "bytes=0-9" in the digits of the locale, and S3 refuses any but these.
engine+=" -Duser.language.format=en"
# Regions as small as G1 has them: by default they grow with the heap, to the size of that generation.
engine+=" $jvm -XX:G1HeapRegionSize=1m"

# The profile comes on top of spark-defaults.conf of the cluster.
submit=(
  --class org.uiospark.jobs.Main
  --master "$master"
  --properties-file "$home/conf/profiles/$profile.conf"
  --load-spark-defaults
  --driver-memory "$driver_memory"
  --driver-class-path "$classes"
  # Those of the cluster and of --spark come behind them: extraJavaOptions.
  --conf "spark.driver.defaultJavaOptions=$engine \"-Dlog4j2.configurationFile=$home/conf/log4j2.properties\""
  --conf "spark.executor.defaultJavaOptions=$engine"
)
for name in "${!allocator[@]}"; do
  # YARN counts the address space of a container, 64 MiB an arena, and bounds the arenas itself.
  [[ $profile == yarn && $name == MALLOC_ARENA_MAX && -z ${!name:-} ]] ||
    submit+=(--conf "spark.executorEnv.$name=${!name:-${allocator[$name]}}")
  export "$name=${!name:-${allocator[$name]}}"
done
submit+=(--conf "spark.executorEnv.LC_ALL=$names")
# Spark lends GPUs by the numbers of nvidia-smi; by itself CUDA puts the fastest first.
export CUDA_DEVICE_ORDER=${CUDA_DEVICE_ORDER:-PCI_BUS_ID}
submit+=(--conf "spark.executorEnv.CUDA_DEVICE_ORDER=$CUDA_DEVICE_ORDER")
case $profile in
  yarn) submit+=(--conf "spark.yarn.appMasterEnv.LC_ALL=$names" --files "$home/conf/gpu-discovery.sh") ;;
  kubernetes) submit+=(--conf "spark.kubernetes.driverEnv.LC_ALL=$names") ;;
esac
submit+=("${given[@]}")
case $master in
  local* | spark://127.0.0.1:* | spark://localhost:*)
    export SPARK_LOCAL_IP=127.0.0.1
    # Executors of this machine read the assembly where it lies; it has 140 MB.
    application=local:$assembly
    # Locally everything is on the driver's class path.
    [[ $profile != local ]] || application=spark-internal
    ;;
  *) application=$assembly ;;
esac
submit+=("$application")
submit+=("${command_line[@]}")

# The cluster that `cluster start` made has a secret, which only its own settings hold.
local_cluster=$PWD/runs/cluster/conf
if [[ -z ${SPARK_CONF_DIR:-} ]] && grep -qsxF "spark.master=${master//:/\\:}" "$local_cluster/spark-defaults.conf"; then
  export SPARK_CONF_DIR=$local_cluster
fi

if has_spark; then
  exec "$SPARK_HOME/bin/spark-submit" "${submit[@]}"
fi

# What bin/spark-submit does: Spark's launcher turns the options into the java command to run.
export SPARK_HOME=$dist/spark SPARK_SCALA_VERSION=2.13
mapfile -d '' -t java_command < <(
  "$java" -Xmx128m -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main \
    org.apache.spark.deploy.SparkSubmit "${submit[@]}"
)
# The launcher's answer opens with an empty word and a line end.
run=("${java_command[1]#$'\n'}")
[[ $profile != local || ! -e $archive ]] || run+=("-XX:SharedArchiveFile=$archive" '-Xlog:cds*=off')
for word in "${java_command[@]:2}"; do
  # Only Spark's MLlib wants that module, and the JVM warns of it.
  [[ $word == --add-modules=jdk.incubator.vector ]] || run+=("$word")
done
exec "${run[@]}"
