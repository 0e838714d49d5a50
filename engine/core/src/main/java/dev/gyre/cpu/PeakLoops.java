package dev.gyre.cpu;

import dev.gyre.backend.Peak;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The roofs of this JVM's cores: sums of an array that fits no cache, and chains of fma that leave registers never. */
final class PeakLoops {

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int FLOATS = 32 << 20;
    private static final int STEPS = 400_000;
    private static final int CHAINS = 10;
    private static final int TASKS = 8;
    private static final int RUNS = 12;

    private PeakLoops() {}

    static Peak measure(WorkerPool pool) {
        float[] array = new float[FLOATS];
        float[] sums = new float[TASKS];
        double read =
                least(() -> pool.run(TASKS, (i, _) -> sums[i] = sum(array, i * (FLOATS / TASKS), FLOATS / TASKS)));
        double computed = least(() -> pool.run(TASKS, (i, _) -> sums[i] = chains(1 + sums[i])));
        return new Peak(4.0 * FLOATS / read, 2.0 * CHAINS * SPECIES.length() * STEPS * TASKS / computed);
    }

    /** The first runs are compiled meanwhile. */
    private static double least(Runnable work) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            work.run();
            least = Math.min(least, System.nanoTime() - start);
        }
        return least / 1e9;
    }

    private static float sum(float[] array, int from, int count) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int lanes = SPECIES.length();
        for (int i = from; i < from + count; i += 4 * lanes) {
            a = a.add(FloatVector.fromArray(SPECIES, array, i));
            b = b.add(FloatVector.fromArray(SPECIES, array, i + lanes));
            c = c.add(FloatVector.fromArray(SPECIES, array, i + 2 * lanes));
            d = d.add(FloatVector.fromArray(SPECIES, array, i + 3 * lanes));
        }
        return a.add(b).add(c.add(d)).reduceLanes(jdk.incubator.vector.VectorOperators.ADD);
    }

    private static float chains(float start) {
        FloatVector m = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector s = FloatVector.broadcast(SPECIES, start * 1e-3f);
        FloatVector a = s;
        FloatVector b = s;
        FloatVector c = s;
        FloatVector d = s;
        FloatVector e = s;
        FloatVector f = s;
        FloatVector g = s;
        FloatVector h = s;
        FloatVector i = s;
        FloatVector j = s;
        for (int step = 0; step < STEPS; step++) {
            a = a.fma(m, s);
            b = b.fma(m, s);
            c = c.fma(m, s);
            d = d.fma(m, s);
            e = e.fma(m, s);
            f = f.fma(m, s);
            g = g.fma(m, s);
            h = h.fma(m, s);
            i = i.fma(m, s);
            j = j.fma(m, s);
        }
        return a.add(b)
                .add(c)
                .add(d)
                .add(e)
                .add(f)
                .add(g)
                .add(h)
                .add(i)
                .add(j)
                .reduceLanes(jdk.incubator.vector.VectorOperators.ADD);
    }
}
