package dev.gyre.conformance;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation on every device, against the reference. */
class OperationConformanceTest {

    private static final OpenDevices DEVICES = new OpenDevices();

    static Stream<Arguments> linear() {
        return onEveryTarget(LinearCases.all());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void linear(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> embed() {
        return onEveryTarget(RowCases.embed());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void embed(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> norm() {
        return onEveryTarget(RowCases.norm());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void norm(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> rope() {
        return onEveryTarget(RowCases.rope());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void rope(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> gate() {
        return onEveryTarget(RowCases.gate());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void gate(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> activate() {
        return onEveryTarget(RowCases.activate());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void activate(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> add() {
        return onEveryTarget(RowCases.add());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void add(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> gather() {
        return onEveryTarget(RowCases.gather());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void gather(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> packedAttention() {
        return onEveryTarget(PackedAttentionCases.all());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void packedAttention(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> memoryAttention() {
        return onEveryTarget(MemoryAttentionCases.all());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void memoryAttention(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> appendCache() {
        return onEveryTarget(CacheCases.all());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void appendCache(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> ancestry() {
        return onEveryTarget(AncestryCases.all());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void ancestry(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> selectTop() {
        return onEveryTarget(SelectCases.all());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void selectTop(Target target, Case c) {
        requireAgreement(target, c);
    }

    static Stream<Arguments> bestToken() {
        return onEveryTarget(BestCases.all());
    }

    @ParameterizedTest(name = "{0}: {1}", allowZeroInvocations = true)
    @MethodSource
    void bestToken(Target target, Case c) {
        requireAgreement(target, c);
    }

    /** Case by case, so that the reference computes each once. */
    private static Stream<Arguments> onEveryTarget(List<Case> cases) {
        List<Target> targets = Target.all();
        return cases.stream().flatMap(c -> targets.stream().map(t -> arguments(t, c)));
    }

    private static void requireAgreement(Target target, Case c) {
        Agreement.require(c, Yardstick.of(c), Outcome.of(c, DEVICES.get(target)));
    }

    @AfterAll
    static void closeDevices() {
        DEVICES.close();
    }
}
