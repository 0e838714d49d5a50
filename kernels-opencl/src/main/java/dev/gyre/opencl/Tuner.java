package dev.gyre.opencl;

import dev.gyre.backend.DeviceException;
import dev.gyre.opencl.Trial.Point;
import dev.gyre.opencl.Trial.Product;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Looks for the best settings: panels and tiles first, then for the best panel what else there is. A candidate that
 * cannot be built or is wrong is thrown away before it is timed; one that is not clearly faster than what stands there
 * is not taken, as timings drift.
 */
final class Tuner {

    /** How much of the time a candidate must save. */
    static final double CLEARLY = 0.03;

    private final Function<Candidate, Trial> trials;
    private final List<Point> points;
    private final BooleanSupplier enough;
    private final Consumer<String> progress;
    private final Map<Candidate, Map<Point, Double>> measured = new LinkedHashMap<>();
    private Optional<TunedKernels> best = Optional.empty();

    /**
     * @param trials opens a candidate, or throws a {@link DeviceException} if it cannot be built
     * @param enough whether no further candidate is to be tried
     */
    Tuner(Function<Candidate, Trial> trials, List<Point> points, BooleanSupplier enough, Consumer<String> progress) {
        this.trials = trials;
        this.points = List.copyOf(points);
        this.enough = enough;
        this.progress = progress;
    }

    /**
     * @param first what the device takes without a tuner
     * @param keep takes what is best so far, whenever that changes
     * @return empty if no candidate was right
     */
    Optional<TunedKernels> run(Candidate first, boolean cpu, int lanes, Consumer<TunedKernels> keep) {
        if (!tryAll(List.of(first), keep) || !tryAll(first.tiles(cpu, lanes), keep) || measured.isEmpty()) {
            return best;
        }
        // Other work on the machine comes and goes: what is compared with all others is measured twice, the least
        // counts.
        again(first);
        again(base(panel()));
        Candidate base = base(panel());
        tryAll(base.variations(cpu), keep);
        return best;
    }

    /** False where the time is over. */
    private boolean tryAll(Collection<Candidate> candidates, Consumer<TunedKernels> keep) {
        for (Candidate candidate : candidates) {
            // What the device takes anyway is measured in any case.
            if (!measured.isEmpty() && enough.getAsBoolean()) {
                progress.accept("the time is over");
                return false;
            }
            if (measured.containsKey(candidate)) {
                continue;
            }
            measure(candidate);
            if (!measured.isEmpty()) {
                TunedKernels now = choice();
                if (!best.equals(Optional.of(now))) {
                    best = Optional.of(now);
                    keep.accept(now);
                }
            }
        }
        return true;
    }

    private void again(Candidate candidate) {
        if (measured.containsKey(candidate) && !enough.getAsBoolean()) {
            measure(candidate);
        }
    }

    private void measure(Candidate candidate) {
        try (Trial trial = trials.apply(candidate)) {
            Optional<String> fault = trial.fault();
            if (fault.isPresent()) {
                progress.accept("rejected: " + candidate + ": " + fault.get());
                return;
            }
            Map<Point, Double> seconds = new HashMap<>();
            points.forEach(p -> seconds.put(p, trial.seconds(p)));
            measured.merge(candidate, seconds, (a, b) -> {
                b.replaceAll((point, time) -> Math.min(time, a.get(point)));
                return b;
            });
            progress.accept(String.format(
                    Locale.ROOT,
                    "%.3f of the time of the first: %s",
                    relative(candidate, products(), measured.keySet().iterator().next()),
                    candidate));
        } catch (DeviceException e) {
            progress.accept("rejected: " + candidate + ": " + e.getMessage());
        }
    }

    private List<Point> products() {
        return points.stream().filter(Product.class::isInstance).toList();
    }

    /** The geometric mean of a candidate's times as parts of another's. */
    private double relative(Candidate candidate, List<Point> over, Candidate other) {
        return Math.exp(over.stream()
                .mapToDouble(p -> Math.log(
                        measured.get(candidate).get(p) / measured.get(other).get(p)))
                .average()
                .orElse(0));
    }

    /** Of these the fastest, but the first where no other is clearly faster than it. */
    private Candidate fastest(List<Candidate> of, List<Point> over) {
        Candidate fastest = of.getFirst();
        double least = 1 - CLEARLY;
        for (Candidate candidate : of) {
            double relative = relative(candidate, over, of.getFirst());
            if (relative < least) {
                least = relative;
                fastest = candidate;
            }
        }
        return fastest;
    }

    private int panel() {
        return fastest(List.copyOf(measured.keySet()), products()).panel();
    }

    /** The candidate of a panel that is best over all shapes. */
    private Candidate base(int panel) {
        return fastest(ofPanel(panel), products());
    }

    private List<Candidate> ofPanel(int panel) {
        return measured.keySet().stream().filter(c -> c.panel() == panel).toList();
    }

    private TunedKernels choice() {
        int panel = panel();
        Candidate base = base(panel);
        // First the one that stands there, so that a class leaves it only for one that is clearly faster.
        Set<Candidate> order = new LinkedHashSet<>(List.of(base));
        order.addAll(ofPanel(panel));
        List<Candidate> candidates = List.copyOf(order);
        Map<ShapeClass, LinearSettings> linear = new HashMap<>();
        for (ShapeClass shape : shapes()) {
            List<Point> over = points.stream()
                    .filter(p -> p instanceof Product product && product.shape().equals(shape))
                    .toList();
            linear.put(shape, fastest(candidates, over).settings());
        }
        List<Point> attention =
                points.stream().filter(Trial.Attention.class::isInstance).toList();
        return new TunedKernels(panel, fastest(candidates, attention).width(), linear);
    }

    private List<ShapeClass> shapes() {
        return points.stream()
                .filter(Product.class::isInstance)
                .map(p -> ((Product) p).shape())
                .distinct()
                .toList();
    }
}
