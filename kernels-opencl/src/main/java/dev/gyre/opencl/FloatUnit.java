package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What multiplies float32, float16 and bfloat16, the faster first. By tiles of AMX and by tensor cores both sides of a product
 * are of two bytes: of float16 and bfloat16 as they are rounded, of float32 in two halves of bfloat16 each. The emulated ones
 * are the kernels and the weights of a unit with its instructions in plain C, to test them on any device.
 */
enum FloatUnit {
    AMX(Kind.CPU, EnumSet.of(ComputeType.FLOAT32, ComputeType.BFLOAT16), 1, List.of("amx_tile", "amx_bf16")),
    /** Tensor cores of NVIDIA. */
    MMA(Kind.GPU, EnumSet.of(ComputeType.FLOAT16, ComputeType.BFLOAT16), 1, List.of()),
    /** Plain kernels: weights in the compute type, all else in float32. */
    FMA(null, EnumSet.of(ComputeType.FLOAT32, ComputeType.FLOAT16, ComputeType.BFLOAT16), 0, List.of()),
    EMULATED_AMX(Kind.CPU, AMX.types, 0, List.of()),
    EMULATED_MMA(Kind.GPU, MMA.types, 0, List.of());

    /** Of which kind its kernels are; null where it has both. */
    final @Nullable Kind kernels;

    final Set<ComputeType> types;

    /** AMX of tiles.cl, or MMA of mma.cl. */
    final int instructions;

    /** What the processor must have, in the words of /proc/cpuinfo. */
    final List<String> flags;

    FloatUnit(@Nullable Kind kernels, Set<ComputeType> types, int instructions, List<String> flags) {
        this.kernels = kernels;
        this.types = Set.copyOf(types);
        this.instructions = instructions;
        this.flags = flags;
    }

    /** Whether weights lie in tiles. */
    boolean tiles() {
        return this != FMA;
    }

    boolean tensorCores() {
        return this == MMA || this == EMULATED_MMA;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
