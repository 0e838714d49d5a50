package dev.gyre.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.SharedFolder;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.graph.Graph;
import dev.gyre.models.ModelDirectory;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InspectionTest {

    @SuppressWarnings("NullAway.Init")
    private static ModelDirectory model;

    @SuppressWarnings("NullAway.Init")
    private static Inspection inspection;

    @BeforeAll
    static void open() {
        model = ModelDirectory.open(SharedFolder.englishGerman());
        inspection = Inspection.of(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** The number of parameters is what PyTorch counts, less the two sinusoidal tables (2 · 256 · 256). */
    @Test
    void countsWhatTheModelIsMadeOf() {
        assertEquals("marian", inspection.family());
        assertEquals(8_375_617, inspection.parameters());
        assertEquals(Map.of("F16", new Inspection.Stored(144, 8_375_617)), inspection.stored());
        assertEquals(4, inspection.encoder().orElseThrow().layers());
        assertEquals(3, inspection.decoder().orElseThrow().layers());
        assertEquals(1024, inspection.decoder().orElseThrow().inner());
        assertEquals(8001, inspection.decoder().orElseThrow().vocabulary());
        assertEquals("swish", inspection.encoder().orElseThrow().activation());
    }

    @Test
    void plansTheMemoryOfItsOwnGraphs() {
        assertEquals(MemoryPlan.of(inspection.program()), inspection.memory());
        // float32 weights and one table of positions
        assertEquals(
                4 * (inspection.parameters() + 256 * 256), inspection.memory().weights());
    }

    @Test
    void countsOperationsAfterFusion() {
        Map<String, Integer> counts = Inspection.operations(inspection.program().graph("encode"));
        assertEquals(1, counts.get("Embed"));
        assertEquals(4, counts.get("Attention"));
        // Per layer QKV, output and two of the feed-forward network; keys and values of three decoder layers.
        assertEquals(4 * 4 + 3, counts.get("Linear"));
        assertEquals(8, counts.get("Norm"));
        assertTrue(
                Inspection.operations(inspection.recorded().graph("encode")).get("Linear") > 19, "nothing was fused");
    }

    @Test
    void textHasALinePerOperation() {
        Graph graph = inspection.program().graph("decode");
        String text = GraphFormat.TEXT.render(graph);
        long lines =
                text.lines().filter(l -> Pattern.matches(" +\\d+ .* <- .*", l)).count();
        assertEquals(graph.operations().size(), lines);
        assertTrue(text.startsWith("graph decode\n"), text);
        assertTrue(text.contains("swish"), text);
        assertTrue(text.contains("past by ancestry"), text);
    }

    @Test
    void drawingsNameEveryNodeThatTheyConnect() {
        for (Graph graph : inspection.program().graphs()) {
            String dot = GraphFormat.DOT.render(graph);
            assertTrue(dot.startsWith("digraph \"" + graph.name() + "\" {\n") && dot.endsWith("}\n"), dot);
            assertConnected(dot, "(?m)^  (\\w+) \\[label", "(?m)^  (\\w+) -> (\\w+)", graph);
            String mermaid = GraphFormat.MERMAID.render(graph);
            assertTrue(mermaid.startsWith("flowchart TD\n"), mermaid);
            assertConnected(mermaid, "(?m)^  (\\w+)[\\[(]", "(?m)^  (\\w+) -->(?:\\|\"[^\"|]*\"\\|)? (\\w+)$", graph);
        }
    }

    private static void assertConnected(String drawing, String node, String edge, Graph graph) {
        var nodes = Pattern.compile(node)
                .matcher(drawing)
                .results()
                .map(r -> r.group(1))
                .collect(Collectors.toSet());
        assertEquals(
                graph.operations().size()
                        + graph.inputs().size()
                        + graph.states().size(),
                nodes.size(),
                drawing);
        Matcher edges = Pattern.compile(edge).matcher(drawing);
        int count = 0;
        while (edges.find()) {
            count++;
            assertTrue(nodes.contains(edges.group(1)) && nodes.contains(edges.group(2)), edges::group);
        }
        assertTrue(count >= graph.operations().size(), "only " + count + " edges");
    }
}
