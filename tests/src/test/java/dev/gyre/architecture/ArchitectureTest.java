package dev.gyre.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** host → engine/core ← backends, and inside engine/core: everything → graph. */
class ArchitectureTest {

    private static final String GRAPH = "dev.gyre.graph";
    private static final String BACKEND = "dev.gyre.backend";
    private static final String[] BACKENDS = {"dev.gyre.cpu..", "dev.gyre.opencl..", "dev.gyre.tornado.."};
    private static final String[] MODELS = {"dev.gyre.transformer..", "dev.gyre.weights.."};
    private static final String[] DEVICES = {"org.jocl..", "uk.ac.manchester.tornado.."};

    /** Whatever is neither the engine nor a backend is the host. */
    private static final DescribedPredicate<JavaClass> HOST = resideInAPackage("dev.gyre..")
            .and(not(resideInAnyPackage(GRAPH + "..", BACKEND + "..")))
            .and(not(resideInAnyPackage(BACKENDS)))
            .and(not(resideInAnyPackage(MODELS)))
            .as("classes of the host");

    private static JavaClasses all;

    @BeforeAll
    static void load() {
        all = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.gyre");
    }

    /** Rules over nothing hold; so each part must be there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                GRAPH,
                BACKEND,
                "dev.gyre.cpu",
                "dev.gyre.opencl",
                "dev.gyre.transformer",
                "dev.gyre.weights",
                "dev.gyre",
                "dev.gyre.scheduler"
            })
    void everyPartIsLookedAt(String name) {
        assertTrue(all.containPackage(name), name + " is not on the class path of this test");
    }

    @Test
    void theGraphKnowsNothingButItself() {
        check(classes()
                .that()
                .resideInAPackage(GRAPH)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(GRAPH, "java..", "org.jspecify.."));
    }

    @Test
    void theBackendInterfaceKnowsTheGraphOnly() {
        check(classes()
                .that()
                .resideInAPackage(BACKEND)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(BACKEND, GRAPH, "java..", "org.jspecify..", "org.slf4j.."));
    }

    @Test
    void modelsAndWeightsKnowNoBackendAndNoHost() {
        check(noClasses()
                .that()
                .resideInAnyPackage(MODELS)
                .should()
                .dependOnClassesThat(resideInAnyPackage(BACKENDS).or(HOST).or(resideInAnyPackage(DEVICES))));
    }

    @Test
    void backendsKnowNoModelAndNoHost() {
        check(noClasses()
                .that()
                .resideInAnyPackage(BACKENDS)
                .should()
                .dependOnClassesThat(resideInAnyPackage(MODELS).or(HOST)));
    }

    @ParameterizedTest
    @FieldSource("BACKENDS")
    void backendsDoNotKnowOneAnother(String backend) {
        String[] others =
                Arrays.stream(BACKENDS).filter(b -> !b.equals(backend)).toArray(String[]::new);
        check(noClasses().that().resideInAPackage(backend).should().dependOnClassesThat(resideInAnyPackage(others)));
    }

    @Test
    void onlyTheirBackendsKnowDeviceLibraries() {
        check(noClasses()
                .that(not(resideInAnyPackage("dev.gyre.opencl..", "dev.gyre.tornado..")))
                .should()
                .dependOnClassesThat(resideInAnyPackage(DEVICES)));
    }

    @Test
    void theHostKnowsNoKernel() {
        check(noClasses()
                .that(HOST)
                .should()
                .dependOnClassesThat(resideInAnyPackage(BACKENDS).or(resideInAnyPackage(DEVICES))));
    }

    @Test
    void packagesFormNoCycles() {
        check(SlicesRuleDefinition.slices().matching("dev.gyre.(*)..").should().beFreeOfCycles());
    }

    @Test
    void namesSayWhatAThingIs() {
        check(classes().should().haveNameNotMatching(".*(Manager|Helper|Helpers|Util|Utils|Impl)(\\$.*)?"));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(all);
    }
}
