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
import org.jspecify.annotations.Nullable;

/**
 * Looks for the best settings: panels and tiles first, then for the best panel what else there is. A candidate that
 * cannot be built or is wrong is thrown away before it is timed; one that is not clearly faster than what stands there
 * is not taken, as timings drift.
 */
final class Tuner {

    /** How much of the time a candidate must save. */
    static final double CLEARLY = 0.05;

    private static final int TURNS = 3;

    private final Function<Candidate, Trial> trials;
    private final List<Point> points;
    private final BooleanSupplier enough;
    private final Consumer<String> progress;
    private final Map<Candidate, Map<Point, Double>> measured = new LinkedHashMap<>();
    /** The first candidate that was right. */
    private @Nullable Trial yardstick;

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
        try {
            if (tryAll(List.of(first), keep) && tryAll(first.tiles(cpu, lanes), keep) && !measured.isEmpty()) {
                tryAll(base(panel()).variations(cpu), keep);
            }
            return best;
        } finally {
            if (yardstick != null) {
                yardstick.close();
            }
        }
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

    private void measure(Candidate candidate) {
        Trial trial = null;
        try {
            trial = trials.apply(candidate);
            Optional<String> fault = trial.fault();
            if (fault.isPresent()) {
                progress.accept("rejected: " + candidate + ": " + fault.get());
                return;
            }
            if (yardstick == null) {
                yardstick = trial;
            }
            Map<Point, Double> parts = new HashMap<>();
            for (Point point : points) {
                parts.put(point, part(trial, yardstick, point));
            }
            measured.put(candidate, parts);
            progress.accept(String.format(
                    Locale.ROOT,
                    "%.2f of the time of the first: %s",
                    relative(candidate, products(), measured.keySet().iterator().next()),
                    candidate));
        } catch (DeviceException e) {
            progress.accept("rejected: " + candidate + ": " + e.getMessage());
        } finally {
            if (trial != null && trial != yardstick) {
                trial.close();
            }
        }
    }

    /**
     * The time as a part of the yardstick's. Other work on a machine comes and goes, so the two take turns, and the least
     * of each counts.
     */
    private static double part(Trial trial, Trial yardstick, Point point) {
        if (trial == yardstick) {
            return 1;
        }
        double time = Double.POSITIVE_INFINITY;
        double other = Double.POSITIVE_INFINITY;
        for (int turn = 0; turn < TURNS; turn++) {
            other = Math.min(other, yardstick.seconds(point));
            time = Math.min(time, trial.seconds(point));
        }
        return time / other;
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
