package dev.gyre.opencl;

import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What multiplies int8, the faster first; {@code opencl.int8} forces one by its name. All give the same results
 * to the bit. The emulated ones are the kernels and the weights of a unit with its instructions in plain C, to test them
 * on any device.
 */
enum Int8Unit {
    AMX(4, 1, 1, List.of("amx_tile", "amx_int8", "avx512_vnni")),
    VNNI(4, 1, 0, List.of("avx512_vnni")),
    AVX_VNNI(4, 2, 0, List.of("avx2", "avx_vnni")),
    PMADDUBSW(4, 3, 0, List.of("avx2")),
    PMADDWD(2, 0, 0, List.of("avx2")),
    /** On GPUs of NVIDIA. */
    DP4A(4, 1, 0, List.of()),
    /** {@link #PMADDWD} where the compiler knows AVX2, else plain: for systems and drivers that do not say what is there. */
    PAIRS(2, 0, 0, List.of()),
    PLAIN(2, 0, 0, List.of()),
    EMULATED_AMX(4, 0, 0, List.of()),
    EMULATED_VNNI(4, 0, 0, List.of()),
    EMULATED_AVX_VNNI(4, 0, 0, List.of()),
    EMULATED_PMADDUBSW(4, 4, 0, List.of()),
    EMULATED_DP4A(4, 0, 0, List.of());

    /** Numbers that lie together in weights; NEIGHBOURS of weights.cl. */
    final int neighbours;

    /** DOT4 of dot4.cl, or DP4A of dp4a.cl. */
    final int dot4;

    /** AMX of tiles.cl. */
    final int tileInstructions;

    /** What the processor must have, in the words of /proc/cpuinfo. */
    final List<String> flags;

    Int8Unit(int neighbours, int dot4, int tileInstructions, List<String> flags) {
        this.neighbours = neighbours;
        this.dot4 = dot4;
        this.tileInstructions = tileInstructions;
        this.flags = flags;
    }

    /** Whether it has kernels of a kind. */
    boolean has(Kind kernels) {
        return this == PLAIN || dp4a() == (kernels == Kind.GPU);
    }

    /** Four bytes at a time on a GPU. */
    boolean dp4a() {
        return this == DP4A || this == EMULATED_DP4A;
    }

    boolean tiles() {
        return this == AMX || this == EMULATED_AMX;
    }

    boolean emulated() {
        return name().startsWith("EMULATED");
    }

    /** Whether weights have no sign and rows have one; BIASED of weights.cl. */
    boolean biased() {
        return this == PMADDUBSW || this == EMULATED_PMADDUBSW;
    }

    /** Whether the compiler must know registers of 512 bits. */
    boolean wide() {
        return dot4 == 1 && !dp4a();
    }

    /** The register tile of kernels without tiles. */
    Quirks.Tile registers() {
        return neighbours == 2 || biased() || this == AVX_VNNI || this == EMULATED_AVX_VNNI
                ? new Quirks.Tile(Kernels.INT8_TILE, Packing.INT8_PANEL)
                : new Quirks.Tile(Kernels.INT8_WIDE_TILE, 2 * Packing.INT8_PANEL);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** By its name, as a setting gives it. */
    static Int8Unit named(String name) {
        return Arrays.stream(values())
                .filter(u -> u.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new DeviceException("setting opencl.int8 is \"" + name + "\"; it must be auto, "
                        + Arrays.stream(values()).map(Int8Unit::toString).collect(Collectors.joining(", "))));
    }
}
