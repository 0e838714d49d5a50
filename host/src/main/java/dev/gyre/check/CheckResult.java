package dev.gyre.check;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What came of a case.
 *
 * @param folder the case
 * @param device what it ran on; none if it did not come to that
 * @param type in which products were computed; sequences and scores must agree in float32 only, since a model with
 *     random weights is undecided between tokens
 * @param tensors one for each expected tensor that is computed
 * @param sequences of all option sets together
 * @param scores of all option sets together
 * @param problems what does not agree or is not known, a line each
 */
public record CheckResult(
        Path folder,
        Optional<DeviceDescription> device,
        ComputeType type,
        List<TensorError> tensors,
        Agreement sequences,
        Agreement scores,
        List<String> problems) {

    /**
     * How far a tensor is off.
     *
     * @param relativeError the largest difference over the largest magnitude, over real positions
     */
    public record TensorError(String name, double relativeError) {

        /** Whether it is within the bound; NaN is not. */
        public boolean within(double bound) {
            return relativeError <= bound;
        }
    }

    /** So many of so many are equal, or near enough. */
    public record Agreement(int agree, int of) {
        public boolean passed() {
            return agree == of;
        }
    }

    public CheckResult {
        tensors = List.copyOf(tensors);
        problems = List.copyOf(problems);
    }

    /** The largest relative error of a tensor that passes. */
    public double bound() {
        return Check.bound(type);
    }

    /** Whether everything agrees that must, and nothing is unknown. */
    public boolean passed() {
        return problems.isEmpty()
                && tensors.stream().allMatch(t -> t.within(bound()))
                && (type != ComputeType.FLOAT32 || sequences.passed() && scores.passed());
    }
}
