# Finds the JDK and the Maven that build and run Gyre. Sourced by gyre and verify; safe under set -euo pipefail.

# The feature release of the JDK in folder $1, or nothing: read from its release file, without starting it.
jdk_feature() {
  local version
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  printf '%s' "$version"
}

# Prints the folder of a JDK of at least 25: the one JAVA_HOME names, the one on the PATH, else the oldest that suffices.
find_jdk() {
  local candidate feature best="" best_feature=0 java
  if java=$(command -v java); then java=$(readlink -f "$java"); java=${java%/bin/java}; fi
  for candidate in "${JAVA_HOME:-}" "${java:-}"; do
    [ -n "$candidate" ] || continue
    feature=$(jdk_feature "$candidate")
    if [ "${feature:-0}" -ge 25 ]; then printf '%s\n' "$candidate"; return 0; fi
  done
  for candidate in /usr/lib/jvm/* "${SDKMAN_DIR:-${HOME:-/nonexistent}/.sdkman}"/candidates/java/* /opt/* \
    "${HOME:-/nonexistent}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -d "$candidate" ] || continue
    feature=$(jdk_feature "$candidate")
    if [ "${feature:-0}" -ge 25 ] && { [ -z "$best" ] || [ "$feature" -lt "$best_feature" ]; }; then
      best=$candidate best_feature=$feature
    fi
  done
  [ -n "$best" ] || return 1
  printf '%s\n' "$best"
}

no_jdk="no JDK of version 25 or newer found (JAVA_HOME, PATH, /usr/lib/jvm, SDKMAN, /opt, ~/.jdks): install openjdk-25-jdk or temurin-25-jdk, or set JAVA_HOME to one"

# Runs Maven in folder $1 with the rest of the arguments: through the wrapper; through a Maven of at least 3.8 on the PATH
# where the wrapper cannot fetch its own.
run_maven() {
  local root=$1 version major minor
  shift
  # Maven 3.9's own libraries make newer JDKs warn.
  export MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
  if "$root/mvnw" --version >/dev/null 2>&1; then
    (cd "$root" && ./mvnw "$@")
    return
  fi
  version=$(mvn --version 2>/dev/null | sed 's/\x1b\[[0-9;]*m//g' | sed -n 's/^Apache Maven \([0-9]*\.[0-9]*\).*/\1/p') || version=""
  major=${version%.*} minor=${version#*.}
  if [ "${major:-0}" -gt 3 ] || { [ "${major:-0}" -eq 3 ] && [ "${minor:-0}" -ge 8 ]; }; then
    (cd "$root" && mvn "$@")
    return
  fi
  echo "Maven cannot be downloaded through ./mvnw and there is no Maven of version 3.8 or newer on the PATH: check the network, or install maven" >&2
  return 1
}

# PoCL compiles with LLVM, which takes over signals that the JVM lives on while it does: now and then temporary files of the
# compiler vanish, or the process dies of SIGSEGV. With the JDK's library for signal chaining the JVM stays first.
preload_signal_chaining() {
  local library=$1/lib/libjsig.so
  if [ -r "$library" ]; then export LD_PRELOAD=$library${LD_PRELOAD:+:$LD_PRELOAD}; fi
}

# The JVM would put other characters, and so other text and other names, in place of bytes that are not UTF-8. In a UTF-8
# locale the dot matches none of them, but surrogates and what is behind U+10FFFF.
is_utf8() {
  local LC_ALL=C
  [[ $1 == *[$'\x80'-$'\xff']* ]] || return 0
  [[ $1 != *$'\xed'[$'\xa0'-$'\xbf']* && $1 != *$'\xf4'[$'\x90'-$'\xbf']* && $1 != *[$'\xf5'-$'\xff']* ]] || return 1
  LC_ALL=C.UTF-8
  [[ $1 =~ ^.*$ ]]
}

# Ends with exit code 2 where an argument is not UTF-8; starts no process, and a hundred arguments take some 20 ms.
require_utf8() {
  local argument number=0
  for argument in "$@"; do
    number=$((number + 1))
    if ! is_utf8 "$argument" 2>/dev/null; then
      printf 'gyre: argument %d, %q, is not UTF-8: convert it, e.g. with iconv -f ISO-8859-1 -t UTF-8; a file of such a name goes through < or >\n' \
        "$number" "$argument" >&2
      exit 2
    fi
  done
}
