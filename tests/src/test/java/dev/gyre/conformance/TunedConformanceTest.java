package dev.gyre.conformance;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.graph.Activation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every tile that the tuner may choose, each with the other settings at the one end and at the other, at odd shapes, against the
 * reference. Nearly all of the time goes into compiling, so that each kernel is compiled once for all settings that do not change
 * it, and the types of two bytes, which differ in how a weight is read, take turns: of a tile's ends one has the one, the
 * other has the other.
 */
class TunedConformanceTest {

    /** The only setting that products do not have. */
    private static final String OF_ATTENTION_ONLY = "opencl.width";

    /** What attention has of the settings, of whatever type the weights of products are. */
    private static final Set<String> OF_ATTENTION = Set.of(OF_ATTENTION_ONLY, "opencl.prefetch");

    private static final List<Answered> PRODUCTS = answered(products(), ComputeType.FLOAT32);
    private static final List<Answered> SHORT_PRODUCTS = answered(products(), ComputeType.BFLOAT16);
    private static final List<Answered> ATTENTION = answered(
            Stream.concat(attention().stream(), Stream.of(PackedAttentionCases.wide(), AncestryCases.wide()))
                    .toList(),
            ComputeType.FLOAT32);

    /** A case with the answer, which all targets share. */
    private record Answered(Case asked, List<Outcome> answer) {}

    private static List<Answered> answered(List<Case> cases, ComputeType type) {
        return cases.stream()
                .map(c -> type == ComputeType.FLOAT32 ? c : c.withShortWeights())
                .map(c -> new Answered(c, Yardstick.of(c)))
                .toList();
    }

    /** What settings change, with few elements. */
    static List<Case> small() {
        List<Case> cases = new ArrayList<>(LinearCases.small());
        cases.addAll(attention());
        return cases;
    }

    private static List<Case> attention() {
        List<Case> cases = new ArrayList<>(PackedAttentionCases.small());
        cases.addAll(MemoryAttentionCases.small());
        return cases;
    }

    private static List<Case> products() {
        List<Case> cases = new ArrayList<>(LinearCases.small());
        cases.add(LinearCases.of(
                129,
                70,
                Activation.RELU,
                true,
                true,
                47,
                1,
                0,
                2,
                3,
                4,
                5,
                8,
                9,
                13,
                16,
                17,
                31,
                32,
                33,
                34,
                100,
                129));
        cases.add(LinearCases.of(31, 515, Activation.NONE, true, false, 233, 1, 7, 97, 121));
        return cases;
    }

    static Stream<Arguments> everyProductIsRight() {
        return Stream.of(ComputeType.FLOAT32, ComputeType.FLOAT16, ComputeType.BFLOAT16)
                .flatMap(type -> distinct(type, name -> !name.equals(OF_ATTENTION_ONLY))
                        .collect(Collectors.groupingBy(
                                t -> t.description().id() + t.options().kernels(),
                                LinkedHashMap::new,
                                Collectors.toList()))
                        .values()
                        .stream()
                        .flatMap(of -> turns(of, type)))
                .map(t -> arguments(t));
    }

    /** After the first two of each tile. */
    private static Stream<Target> turns(List<Target> all, ComputeType type) {
        int turn = type == ComputeType.FLOAT16 ? 0 : 1;
        return IntStream.range(0, all.size())
                .filter(i -> type == ComputeType.FLOAT32 || i == 0 || ((i - 1) / 2 + i - 1) % 2 == turn)
                .mapToObj(all::get);
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource
    void everyProductIsRight(Target target) {
        require(target, target.options().computeType() == ComputeType.FLOAT32 ? PRODUCTS : SHORT_PRODUCTS);
    }

    static Stream<Arguments> everyAttentionIsRight() {
        return distinct(ComputeType.FLOAT32, OF_ATTENTION::contains).map(t -> arguments(t));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource
    void everyAttentionIsRight(Target target) {
        require(target, ATTENTION);
    }

    /** The targets that differ in some setting of those that matter. */
    private static Stream<Target> distinct(ComputeType type, Predicate<String> matters) {
        Set<List<Object>> seen = new HashSet<>();
        return Target.tuned(type).stream().filter(t -> {
            TreeMap<String, String> settings = new TreeMap<>(t.options().tuning());
            settings.keySet().removeIf(matters.negate());
            return seen.add(List.of(t.description().id(), t.options().kernels(), settings));
        });
    }

    private static void require(Target target, List<Answered> cases) {
        try (Device device = target.open()) {
            for (Answered c : cases) {
                Agreement.require(c.asked(), c.answer(), Outcome.of(c.asked(), device));
            }
        }
    }
}
