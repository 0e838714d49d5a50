package dev.gyre.opencl;

/** What has to be known about single devices and drivers, in one place. */
final class Quirks {

    private Quirks() {}

    /**
     * Oclgrind runs its queue on whatever thread waits for it, without a lock, and JOCL waits for every non-blocking
     * write on a thread of its own: the two together crash. Blocking writes need no such thread.
     */
    static boolean writesMustBlock(ClDevice device) {
        return device.platformName().contains("Oclgrind");
    }

    /**
     * Columns of a register tile on a CPU. 64 keeps 24 of the 32 registers of AVX-512 busy; with 16 registers of 8
     * floats (AVX2) a tile of 6 by 16 is what fits.
     */
    static int cpuPanel(ClDevice device) {
        return device.floatWidth() >= 16 ? 64 : 16;
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

    /** The hint for __builtin_prefetch, into the second-level cache; 0 where it is not known to compile. */
    static int prefetch(ClDevice device) {
        return device.platformName().contains("Portable Computing Language") ? 2 : 0;
    }
}
