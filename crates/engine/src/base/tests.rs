use super::*;
use crate::manifest;

/// A volume with a chain of `depth` layers, the first the lowest, and a base on the first that equals `equals`.
fn volume(depth: usize, equals: usize) -> (Manifest, Vec<LayerId>) {
    let (mut manifest, ids) = manifest::tests::volume(depth);
    manifest.base = Some(Base {
        id: LayerId::random().unwrap(),
        on: ids[0].clone(),
        equals: ids[equals].clone(),
        is_exact: true,
        towards: None,
        done: 0,
    });
    (manifest, ids)
}

fn add(manifest: &mut Manifest, id: &LayerId, parent: Option<&LayerId>) {
    manifest.layers.insert(id.clone(), manifest::tests::layer(parent));
}

/// Takes a layer out, as a merge with the one above it does.
fn merge_away(manifest: &mut Manifest, layer: &LayerId) {
    let parent = manifest.layers.remove(layer).unwrap().parent;
    for record in manifest.layers.values_mut().filter(|record| record.parent.as_ref() == Some(layer)) {
        record.parent.clone_from(&parent);
    }
}

/// The same volume after going back to `layer`.
fn back_on(before: &Manifest, layer: &LayerId) -> Manifest {
    changed(before, |after| {
        let overlay = LayerId::random().unwrap();
        add(after, &overlay, Some(layer));
        after.head = overlay;
    })
}

#[test]
fn a_head_is_opened_on_its_base_and_the_layers_above_it() {
    let (manifest, ids) = volume(8, 5);
    let (_, above) = manifest.base_in_use().unwrap();
    assert_eq!(above, [ids[7].clone(), ids[6].clone()]);
    assert_eq!(manifest.files_in_chain(), 4);
    let busy = changed(&manifest, |after| after.base.as_mut().unwrap().towards = Some(ids[6].clone()));
    assert!(busy.base_in_use().is_none() && busy.files_in_chain() == 8);
}

#[test]
fn a_checkpoint_leaves_the_base_as_it_is() {
    let (manifest, ids) = volume(8, 5);
    assert_eq!(back_on(&manifest, &ids[7]).base, manifest.base);
}

#[test]
fn layers_that_are_merged_away_in_the_middle_leave_the_base_standing_in_for_the_one_below() {
    let (manifest, ids) = volume(8, 5);
    let after = changed(&manifest, |after| merge_away(after, &ids[5]));
    assert_eq!(after.base.as_ref().unwrap().equals, ids[4]);
    let after = changed(&after, |after| {
        merge_away(after, &ids[4]);
        merge_away(after, &ids[6]);
    });
    assert_eq!(after.base.as_ref().unwrap().equals, ids[3]);
    let after = changed(&after, |after| merge_away(after, &ids[2]));
    assert_eq!(after.base.as_ref().unwrap().equals, ids[3]);
    assert_eq!(after.base_in_use().unwrap().1, [ids[7].clone()]);
}

#[test]
fn a_base_that_only_stands_in_for_a_layer_is_dropped_without_the_layer_above_it() {
    let (manifest, ids) = volume(8, 5);
    let merged = changed(&manifest, |after| merge_away(after, &ids[5]));
    let onto = |layer: usize| back_on(&merged, &ids[layer]);
    assert!(onto(6).base.is_some());
    assert!(onto(4).base.is_none());
}

#[test]
fn a_base_whose_ground_has_gone_is_dropped() {
    let (manifest, ids) = volume(8, 5);
    assert!(changed(&manifest, |after| merge_away(after, &ids[0])).base.is_none());
}

#[test]
fn going_back_below_the_base_drops_it_and_going_back_above_it_does_not() {
    let (manifest, ids) = volume(8, 5);
    let onto = |layer: usize| back_on(&manifest, &ids[layer]);
    assert!(onto(6).base.is_some());
    assert_eq!(onto(5).base, manifest.base);
    assert!(onto(4).base.is_none());
    // What lay above the base has gone with the present.
    let after = changed(&manifest, |after| {
        let overlay = LayerId::random().unwrap();
        add(after, &overlay, Some(&ids[3]));
        after.head = overlay;
        for id in [7, 6, 5, 4] {
            after.layers.remove(&ids[id]);
        }
    });
    assert!(after.base.is_none());
}

#[test]
fn half_of_what_was_to_be_committed_may_not_stay_when_it_is_not_below_the_head_any_more() {
    let (mut manifest, ids) = volume(8, 3);
    manifest.base.as_mut().unwrap().towards = Some(ids[6].clone());
    let onto = |layer: usize| back_on(&manifest, &ids[layer]);
    assert!(onto(6).base.is_some());
    assert!(onto(5).base.is_none());
    assert!(changed(&manifest, |after| merge_away(after, &ids[6])).base.is_none());
}
