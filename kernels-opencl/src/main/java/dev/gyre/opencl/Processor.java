package dev.gyre.opencl;

import dev.gyre.backend.DeviceDescription.Kind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What this machine's processor can do and this process may do.
 *
 * @param flags as Linux names them in /proc/cpuinfo, which leaves out what it does not save for a thread; empty elsewhere
 * @param tileRefusal why this process may not use the tiles of AMX; gives an empty text if it may
 */
record Processor(Set<String> flags, Supplier<String> tileRefusal) {

    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    /** Numbers of Linux on x86-64: the system call, its request, and the state that is asked for. */
    private static final long ARCH_PRCTL = 158;

    private static final long ARCH_REQ_XCOMP_PERM = 0x1023;
    private static final long XFEATURE_XTILEDATA = 18;

    Processor {
        flags = Set.copyOf(flags);
    }

    /** Asked for once, the first time that somebody wants to know: Linux gives the permission to a whole process. */
    private static final class Tiles {
        static final String REFUSAL = askForTiles();
    }

    static Processor here() {
        try {
            return new Processor(flags(Files.readAllLines(CPUINFO)), () -> Tiles.REFUSAL);
        } catch (IOException | SecurityException e) {
            return new Processor(Set.of(), () -> Tiles.REFUSAL);
        }
    }

    /** Of the first processor's lines. */
    static Set<String> flags(List<String> cpuinfo) {
        return cpuinfo.stream()
                .filter(l -> l.startsWith("flags") && l.contains(":"))
                .findFirst()
                .map(l -> Arrays.stream(l.substring(l.indexOf(':') + 1).split(" "))
                        .filter(f -> !f.isEmpty())
                        .collect(Collectors.toSet()))
                .orElse(Set.of());
    }

    /**
     * Why kernels with instructions of this processor cannot run on a device; an empty text if they can.
     *
     * @param needed as in {@code flags}
     */
    String refusal(ClDevice device, List<String> needed) {
        if (!device.platformName().contains("Portable Computing Language") || device.kind() != Kind.CPU) {
            return "it is written for PoCL on this machine's processor";
        }
        List<String> missing = needed.stream().filter(f -> !flags.contains(f)).toList();
        return missing.isEmpty() ? "" : "the processor has no " + String.join(", no ", missing);
    }

    private static String askForTiles() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return "it needs Linux on x86-64";
        }
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            MemoryLayout state = Linker.Option.captureStateLayout();
            MethodHandle syscall = linker.downcallHandle(
                    linker.defaultLookup().find("syscall").orElseThrow(),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
                    Linker.Option.firstVariadicArg(1),
                    Linker.Option.captureCallState("errno"));
            MemorySegment captured = arena.allocate(state);
            long answer = (long) syscall.invokeExact(captured, ARCH_PRCTL, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA);
            int errno = (int) state.varHandle(MemoryLayout.PathElement.groupElement("errno"))
                    .get(captured, 0L);
            return answer == 0 ? "" : "Linux does not permit tiles (arch_prctl: errno " + errno + ")";
        } catch (Throwable e) {
            return "Linux cannot be asked for tiles (" + e + ")";
        }
    }
}
