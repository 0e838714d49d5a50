package dev.gyre.cpu;

import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import org.jspecify.annotations.Nullable;

/** {@link Operation.Norm}. */
final class NormStep extends RowStep {

    private final int width;
    private final Floats out;
    private final Floats x;
    private final @Nullable Floats residual;
    private final @Nullable Floats sum;
    private final float[] gamma;
    private final float @Nullable [] beta;
    private final boolean centred;
    private final float epsilon;

    NormStep(Compilation unit, Operation.Norm op) {
        super(unit, unit.length(op.out().shape().rows()), op.out().shape().columns());
        width = op.out().shape().columns();
        out = unit.floats(op.out());
        x = unit.floats(op.x());
        residual = op.residual() == null ? null : unit.floats(op.residual());
        sum = op.sum() == null ? null : unit.floats(op.sum());
        gamma = unit.weights().plain(op.gamma());
        beta = unit.weights().plainOrNull(op.beta());
        centred = op.normKind() == NormKind.LAYER;
        epsilon = op.epsilon();
    }

    @Override
    void row(int row, int worker) {
        Floats normed = x;
        if (residual != null) {
            normed = sum == null ? out : sum;
            unit.kernels()
                    .add(
                            x.array(),
                            x.start() + row * width,
                            residual.array(),
                            residual.start() + row * width,
                            normed.array(),
                            normed.start() + row * width,
                            width);
        } else if (sum != null) {
            System.arraycopy(x.array(), x.start() + row * width, sum.array(), sum.start() + row * width, width);
        }
        unit.kernels()
                .norm(
                        normed.array(),
                        normed.start() + row * width,
                        gamma,
                        beta,
                        centred,
                        epsilon,
                        out.array(),
                        out.start() + row * width,
                        width);
    }
}
