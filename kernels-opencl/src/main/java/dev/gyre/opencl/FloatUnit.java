package dev.gyre.opencl;

import java.util.List;
import java.util.Locale;

/**
 * What multiplies float32 and bfloat16 on a CPU, the faster first. By tiles of AMX both sides of a product are bfloat16: of
 * the type bfloat16 as they are rounded, of float32 in two halves each. The emulated one is the kernels and the weights of
 * tiles with the instructions in plain C, to test them on any processor.
 */
enum FloatUnit {
    AMX(1, List.of("amx_tile", "amx_bf16")),
    /** Plain kernels: weights in the compute type, all else in float32. */
    FMA(0, List.of()),
    EMULATED_AMX(0, List.of());

    /** AMX of tiles.cl. */
    final int tileInstructions;

    /** What the processor must have, in the words of /proc/cpuinfo. */
    final List<String> flags;

    FloatUnit(int tileInstructions, List<String> flags) {
        this.tileInstructions = tileInstructions;
        this.flags = flags;
    }

    boolean tiles() {
        return this != FMA;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
