package dev.gyre.cpu;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Operation;

/** The operations that only move rows or combine them element by element. */
final class RowSteps {

    private RowSteps() {}

    /** {@link Operation.AppendCache}. */
    static final class Append extends RowStep {
        private final ColumnsAt source;
        private final Floats cache;
        private final int width;
        private final int cacheWidth;
        private final int[] destination;

        Append(Compilation unit, Operation.AppendCache op) {
            super(
                    unit,
                    unit.length(op.destination().shape().rows()),
                    op.source().count());
            source = ColumnsAt.of(unit, op.source());
            cache = unit.floats(op.cache());
            width = op.source().count();
            cacheWidth = op.cache().shape().columns();
            destination = unit.ints(op.destination());
        }

        @Override
        void row(int row, int worker) {
            int to = cache.start() + destination[row] * cacheWidth;
            System.arraycopy(source.array(), source.row(row), cache.array(), to, width);
        }
    }

    /** {@link Operation.AdvanceAncestry}; too little work for more than one thread. */
    static final class Advance implements Step {
        private final int[] ancestry;
        private final int positions;
        private final int[] from;
        private final int[] to;
        private final int[] inherited;
        private final int[] lengths;
        private final int[] slots;
        private final RunSizes.Length count;

        Advance(Compilation unit, Operation.AdvanceAncestry op) {
            ancestry = unit.ints(op.ancestry());
            positions = op.ancestry().shape().columns();
            from = unit.ints(op.from());
            to = unit.ints(op.to());
            inherited = unit.ints(op.inherited());
            lengths = unit.ints(op.length());
            slots = unit.ints(op.slot());
            count = unit.length(op.from().shape().rows());
        }

        @Override
        public void run() {
            for (int h = 0; h < count.get(); h++) {
                int line = to[h] * positions;
                if (from[h] != to[h]) {
                    System.arraycopy(ancestry, from[h] * positions, ancestry, line, inherited[h]);
                }
                for (int p = inherited[h]; p < lengths[h]; p++) {
                    ancestry[line + p] = slots[h];
                }
            }
        }
    }

    /** {@link Operation.Gather}. */
    static final class Gather extends RowStep {
        private final Floats x;
        private final Floats out;
        private final int width;
        private final int[] rows;

        Gather(Compilation unit, Operation.Gather op) {
            super(unit, unit.length(op.rows().shape().rows()), op.out().shape().columns());
            x = unit.floats(op.x());
            out = unit.floats(op.out());
            width = op.out().shape().columns();
            rows = unit.ints(op.rows());
        }

        @Override
        void row(int row, int worker) {
            System.arraycopy(x.array(), x.start() + rows[row] * width, out.array(), out.start() + row * width, width);
        }
    }

    /** {@link Operation.Rope}. */
    static final class Rope extends RowStep {
        private final ColumnsAt x;
        private final Floats out;
        private final float[] table;
        private final int[] positions;
        private final int heads;
        private final int size;

        Rope(Compilation unit, Operation.Rope op) {
            super(unit, unit.length(op.out().shape().rows()), op.heads() * op.headSize());
            x = ColumnsAt.of(unit, op.x());
            out = unit.floats(op.out());
            table = unit.weights().plain(op.table());
            positions = unit.ints(op.positionIds());
            heads = op.heads();
            size = op.headSize();
        }

        @Override
        void row(int row, int worker) {
            for (int h = 0; h < heads; h++) {
                int to = out.start() + (row * heads + h) * size;
                unit.kernels()
                        .rope(
                                x.array(),
                                x.row(row) + h * size,
                                table,
                                positions[row] * size,
                                size / 2,
                                out.array(),
                                to);
            }
        }
    }

    /** {@link Operation.Gate}. */
    static final class Gate extends RowStep {
        private final ColumnsAt gate;
        private final ColumnsAt up;
        private final Floats out;
        private final int width;
        private final Activation activation;

        Gate(Compilation unit, Operation.Gate op) {
            super(
                    unit,
                    unit.length(op.out().shape().rows()),
                    2 * op.out().shape().columns());
            gate = ColumnsAt.of(unit, op.gate());
            up = ColumnsAt.of(unit, op.up());
            out = unit.floats(op.out());
            width = op.out().shape().columns();
            activation = op.activation();
        }

        @Override
        void row(int row, int worker) {
            int to = out.start() + row * width;
            unit.kernels()
                    .gate(gate.array(), gate.row(row), up.array(), up.row(row), out.array(), to, width, activation);
        }
    }

    /** {@link Operation.Activate}. */
    static final class Activate extends RowStep {
        private final Floats x;
        private final Floats out;
        private final int width;
        private final Activation activation;

        Activate(Compilation unit, Operation.Activate op) {
            super(unit, unit.length(op.out().shape().rows()), op.out().shape().columns());
            x = unit.floats(op.x());
            out = unit.floats(op.out());
            width = op.out().shape().columns();
            activation = op.activation();
        }

        @Override
        void row(int row, int worker) {
            unit.kernels()
                    .activate(
                            x.array(),
                            x.start() + row * width,
                            out.array(),
                            out.start() + row * width,
                            width,
                            activation);
        }
    }

    /** {@link Operation.Add}. */
    static final class Add extends RowStep {
        private final Floats a;
        private final Floats b;
        private final Floats out;
        private final int width;

        Add(Compilation unit, Operation.Add op) {
            super(unit, unit.length(op.out().shape().rows()), op.out().shape().columns());
            a = unit.floats(op.a());
            b = unit.floats(op.b());
            out = unit.floats(op.out());
            width = op.out().shape().columns();
        }

        @Override
        void row(int row, int worker) {
            int at = row * width;
            unit.kernels()
                    .add(a.array(), a.start() + at, b.array(), b.start() + at, out.array(), out.start() + at, width);
        }
    }
}
