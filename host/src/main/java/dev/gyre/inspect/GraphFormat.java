package dev.gyre.inspect;

import dev.gyre.graph.Graph;
import java.util.function.Function;

/** Ways to show a graph. */
public enum GraphFormat {
    /** A line per operation. */
    TEXT(GraphText::render),
    /** The language of Graphviz. */
    DOT(GraphDot::render),
    /** The language of Mermaid, which Markdown viewers draw. */
    MERMAID(GraphMermaid::render);

    private final Function<Graph, String> renderer;

    GraphFormat(Function<Graph, String> renderer) {
        this.renderer = renderer;
    }

    /** The graph in this format; lines end in \n. */
    public String render(Graph graph) {
        return renderer.apply(graph);
    }
}
