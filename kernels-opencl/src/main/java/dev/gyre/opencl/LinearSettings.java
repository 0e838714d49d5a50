package dev.gyre.opencl;

import java.util.Map;
import java.util.TreeMap;

/**
 * The tunables of a product's kernels that may differ from one {@link ShapeClass} to another; the comments of
 * linear_cpu.cl and linear_gpu.cl say what they are. Every element is the same chain of fma under all of them.
 *
 * @param tile rows of a register tile on CPUs (4 to 14), of a group on GPUs (16 to 128, a multiple of 16)
 * @param block rows of a work-item on CPUs; in int8 its panels, an even number from 2 to 16
 * @param depth steps of k at a time, where a block has more than a tile
 * @param prefetch locality hint; 0 for none
 * @param ahead steps of k, how far ahead weights are asked for
 * @param few rows up to which a GPU takes the kernel for few rows, and AMX leaves int8 to VNNI
 */
record LinearSettings(int tile, int block, int depth, int prefetch, int ahead, int few) {

    LinearSettings {
        within("tile", tile, 4, 128);
        within("block", block, 1, 1024);
        within("depth", depth, 32, 65536);
        within("prefetch", prefetch, 0, 3);
        within("ahead", ahead, 8, 512);
        within("few", few, 1, 16);
    }

    /** As these, with some of them by name; names that are no setting are left alone. */
    LinearSettings with(Map<String, Integer> changed) {
        return new LinearSettings(
                changed.getOrDefault("tile", tile),
                changed.getOrDefault("block", block),
                changed.getOrDefault("depth", depth),
                changed.getOrDefault("prefetch", prefetch),
                changed.getOrDefault("ahead", ahead),
                changed.getOrDefault("few", few));
    }

    /** Name and value of each, in the order of the names. */
    Map<String, Integer> byName() {
        return new TreeMap<>(
                Map.of("tile", tile, "block", block, "depth", depth, "prefetch", prefetch, "ahead", ahead, "few", few));
    }

    /**
     * Throws if the kernels of that kind have no such tile.
     *
     * @throws IllegalArgumentException with the setting's name, its value and its range
     */
    LinearSettings requireFor(boolean cpu) {
        if (cpu) {
            within("tile", tile, 4, 14);
        } else if (within("tile", tile, 16, 128) % Kernels.GPU_THREADS != 0) {
            throw new IllegalArgumentException("tile is " + tile + "; it must be a multiple of " + Kernels.GPU_THREADS);
        }
        return this;
    }

    /**
     * Throws if the kernels of int8 cannot take so many panels at once.
     *
     * @throws IllegalArgumentException with the setting's name, its value and its range
     */
    LinearSettings requireForInt8() {
        if (within("block", block, Kernels.INT8_LEAST_PANELS, 16) % 2 != 0) {
            throw new IllegalArgumentException("block is " + block + "; in int8 it must be even");
        }
        return this;
    }

    static int within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; it must be a number from " + least + " to " + most);
        }
        return value;
    }
}
