package dev.gyre.cpu;

import static dev.gyre.cpu.VectorMath.LANES;
import static dev.gyre.cpu.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Attention of one query over keys that lie anywhere: a decoder's step over its slots or its memory. */
final class VectorAttention {

    private VectorAttention() {}

    static void scores(
            float[] query,
            int query0,
            float[] keys,
            int keys0,
            int[] at,
            int at0,
            int count,
            int size,
            float[] out,
            int out0) {
        int whole = size - size % LANES;
        VectorMask<Float> rest = SPECIES.indexInRange(whole, size);
        for (int j = 0; j < count; j++) {
            int key = keys0 + at[at0 + j];
            FloatVector dot = FloatVector.zero(SPECIES);
            for (int i = 0; i < whole; i += LANES) {
                dot = FloatVector.fromArray(SPECIES, query, query0 + i)
                        .fma(FloatVector.fromArray(SPECIES, keys, key + i), dot);
            }
            if (whole < size) {
                dot = FloatVector.fromArray(SPECIES, query, query0 + whole, rest)
                        .fma(FloatVector.fromArray(SPECIES, keys, key + whole, rest), dot);
            }
            out[out0 + j] = VectorMath.sum(dot);
        }
    }

    static void mean(
            float[] weights,
            int weights0,
            float[] values,
            int values0,
            int[] at,
            int at0,
            int count,
            int size,
            float[] out,
            int out0) {
        int i = 0;
        for (; i <= size - 4 * LANES; i += 4 * LANES) {
            fourVectors(weights, weights0, values, values0 + i, at, at0, count, out, out0 + i);
        }
        for (; i < size; i += LANES) {
            VectorMask<Float> rest = SPECIES.indexInRange(i, size);
            FloatVector mean = FloatVector.zero(SPECIES);
            for (int j = 0; j < count; j++) {
                mean = FloatVector.fromArray(SPECIES, values, values0 + at[at0 + j] + i, rest)
                        .fma(FloatVector.broadcast(SPECIES, weights[weights0 + j]), mean);
            }
            mean.intoArray(out, out0 + i, rest);
        }
    }

    private static void fourVectors(
            float[] weights,
            int weights0,
            float[] values,
            int values0,
            int[] at,
            int at0,
            int count,
            float[] out,
            int out0) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = FloatVector.zero(SPECIES);
        FloatVector c = FloatVector.zero(SPECIES);
        FloatVector d = FloatVector.zero(SPECIES);
        for (int j = 0; j < count; j++) {
            FloatVector weight = FloatVector.broadcast(SPECIES, weights[weights0 + j]);
            int from = values0 + at[at0 + j];
            a = FloatVector.fromArray(SPECIES, values, from).fma(weight, a);
            b = FloatVector.fromArray(SPECIES, values, from + LANES).fma(weight, b);
            c = FloatVector.fromArray(SPECIES, values, from + 2 * LANES).fma(weight, c);
            d = FloatVector.fromArray(SPECIES, values, from + 3 * LANES).fma(weight, d);
        }
        a.intoArray(out, out0);
        b.intoArray(out, out0 + LANES);
        c.intoArray(out, out0 + 2 * LANES);
        d.intoArray(out, out0 + 3 * LANES);
    }
}
