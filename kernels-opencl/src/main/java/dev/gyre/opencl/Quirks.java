package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What has to be known about single devices and drivers, in one place. */
final class Quirks {

    private static final Set<String> X86 = Set.of("amd64", "x86_64");

    private Quirks() {}

    /**
     * Oclgrind runs its queue on whatever thread waits for it, without a lock, and JOCL waits for every non-blocking
     * write on a thread of its own: the two together crash. Blocking writes need no such thread.
     */
    static boolean writesMustBlock(ClDevice device) {
        return device.platformName().contains("Oclgrind");
    }

    /** Oclgrind's compiler crashes now and then where two threads build programs at the same time. */
    static int buildsAtOnce(ClDevice device) {
        return device.platformName().contains("Oclgrind") ? 1 : 2;
    }

    /**
     * The register tile of products on a CPU. With AVX-512, 6 by 64 keeps 24 of the 32 registers busy; weights of two
     * bytes are converted as they are read, which a narrower and higher tile does half as often (8 to 10 % faster than
     * 6 by 64, where float32 is 6 % slower on many rows). With 16 registers of 8 floats (AVX2) 6 by 16 is what fits.
     */
    static Tile cpuTile(ClDevice device, ComputeType type) {
        if (device.floatWidth() < 16) {
            return new Tile(6, 16);
        }
        return type == ComputeType.FLOAT32 ? new Tile(6, 64) : new Tile(12, 32);
    }

    /** Lanes of attention on a CPU: those of its registers, as 16 of them are used as sums. */
    static int attentionWidth(ClDevice device) {
        return Math.clamp(Integer.highestOneBit(device.floatWidth()), 4, 16);
    }

    /** The resource with the tuning that is shipped for devices like this one. */
    static Optional<String> shippedTuning(ClDevice device) {
        if (device.platformName().contains("Portable Computing Language")) {
            return !X86.contains(System.getProperty("os.arch")) || device.floatWidth() < 8
                    ? Optional.empty()
                    : Optional.of("tuning/pocl-" + (device.floatWidth() < 16 ? "avx2" : "avx512") + ".json");
        }
        return device.platformName().contains("NVIDIA") ? Optional.of("tuning/nvidia.json") : Optional.empty();
    }

    /** Rows and columns of a register tile; the columns are those of a panel of weights. */
    record Tile(int rows, int columns) {}

    /**
     * Whether a build may succeed when it is tried again: the files that PoCL's compiler makes in its cache can be
     * gone when several processes share it.
     */
    static boolean mayBuildAgain(String log) {
        return log.contains("No such file or directory");
    }

    /**
     * Whether the driver keeps compiled programs in files of its own. PoCL does, kernel by kernel as they are first
     * launched; asking it for a binary compiles every kernel of a program a second time (7 s of processor time instead
     * of 4 for a decoder, on PoCL 3.1) and saves nothing afterwards.
     */
    static boolean keepsPrograms(ClDevice device) {
        return device.platformName().contains("Portable Computing Language")
                && !"0".equals(System.getenv("POCL_KERNEL_CACHE"));
    }

    /**
     * Whether launches are better sent as one: PoCL's threads sleep between two of them, and run groups side by side, as
     * steps.cl likes it. Only where it was measured, and where steps.cl can leave its core to others.
     */
    static boolean sleepsBetweenLaunches(ClDevice device) {
        return device.platformName().contains("Portable Computing Language")
                && X86.contains(System.getProperty("os.arch"))
                && System.getProperty("os.name").equals("Linux");
    }

    /**
     * Rows up to which an output layer in int8 saves time beside one of floats. With AVX2 four neighbours of a sum are
     * three instructions (vpmaddubsw, see dot4.cl), where floats take four of as many lanes, and less memory is read: it
     * always does, as measured. With AVX-512 the four take three instructions of 256 bits and floats four of 512: what is
     * left is that few rows read less memory; nothing is measured there.
     */
    static int roughRows(ClDevice device) {
        if (!device.platformName().contains("Portable Computing Language")
                || !X86.contains(System.getProperty("os.arch"))) {
            return 0;
        }
        return switch (device.floatWidth()) {
            case 8 -> Integer.MAX_VALUE;
            case 16 -> 8;
            default -> 0;
        };
    }

    /** What to do about platforms without a device, where it is known. */
    static Optional<String> remedy(List<String> platforms) {
        return platforms.contains("Portable Computing Language")
                ? Optional.of(
                        "PoCL has one only where it can write its cache: set POCL_CACHE_DIR to a folder that can be"
                                + " written")
                : Optional.empty();
    }

    /**
     * Why kernels with instructions of NVIDIA's cannot run on a device; an empty text if they can.
     *
     * @param capability where these begin, 80 for 8.0
     */
    static String nvidiaRefusal(ClDevice device, int capability) {
        if (!device.platformName().contains("NVIDIA") || device.kind() != Kind.GPU) {
            return "it is written for NVIDIA's driver";
        }
        return device.capability() > 0 && device.capability() < capability
                ? "it begins with compute capability " + decimal(capability) + ", and this is "
                        + decimal(device.capability())
                : "";
    }

    private static String decimal(int tenths) {
        return tenths / 10 + "." + tenths % 10;
    }

    /** The hint for __builtin_prefetch, into the second-level cache; 0 where it is not known to compile. */
    static int prefetch(ClDevice device) {
        return device.platformName().contains("Portable Computing Language") ? 2 : 0;
    }
}
