package dev.gyre.opencl;

/** What has to be known about single devices and drivers, in one place. */
final class Quirks {

    private Quirks() {}

    /**
     * Columns of a register tile on a CPU. 64 keeps 24 of the 32 registers of AVX-512 busy; with 16 registers of 8
     * floats (AVX2) a tile of 6 by 16 is what fits.
     */
    static int cpuPanel(ClDevice device) {
        return device.floatWidth() >= 16 ? 64 : 16;
    }
}
